import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';

const SCRIPTS = new URL('../../../../src/layers/node-bootstrap/scripts/', import.meta.url).pathname;
const APPLETS = 'sh timeout rm cat'.split(' ');

interface Round {
  /** What the look prints, and how it ends. */
  readonly look?: string;
  readonly status?: number;
  /** Whether the host has the payload. */
  readonly staged?: boolean;
  /** What the host says of its reboot, as a line of bash. */
  readonly reboot?: string;
}

const REBOOT = (waits: number) => `echo 'selfheal_reboot_pending{reason="kernel"} ${waits}'`;

/** Lets it look as often as there are rounds, five minutes apart, and ends it by SIGTERM. */
function watch(rounds: readonly Round[], environment: Readonly<Record<string, string>> = {}, report = '') {
  const folder = mkdtempSync(join(tmpdir(), 'watch-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const at = (name: string) => join(folder, name);
  for (const name of ['bin', 'own', 'payload', 'host', 'rounds']) mkdirSync(at(name));
  for (const applet of APPLETS) symlinkSync('/bin/busybox', join(at('bin'), applet));
  rounds.forEach(({ look = 'kept /a\n', status = 0, staged = true, reboot = REBOOT(0) }, index) => {
    writeFileSync(join(at('rounds'), `${index}.look`), look);
    writeFileSync(join(at('rounds'), `${index}.status`), `${status}`);
    writeFileSync(join(at('rounds'), `${index}.staged`), staged ? '0' : '3');
    writeFileSync(join(at('rounds'), `${index}.reboot`), `${reboot}\n`);
  });
  writeFileSync(at('round'), '0');
  writeFileSync(at('uptime'), '1000.50 99.00\n');
  const round = `$(cat ${at('round')})`;
  // stage.sh is asked whether the payload is there, and told to put things back.
  writeFileSync(
    join(at('payload'), 'stage.sh'),
    `if [ "$1" = --check ]; then exit "$(cat ${at('rounds')}/${round}.staged)"; fi\necho "restore $*" >>${at('calls')}\n`,
  );
  writeFileSync(
    join(at('host'), 'converge.sh'),
    `echo "look $*" >>${at('calls')}\ncat ${at('rounds')}/${round}.look\nexit "$(cat ${at('rounds')}/${round}.status)"\n`,
  );
  symlinkSync(join(SCRIPTS, 'textfile.sh'), join(at('host'), 'textfile.sh'));
  writeFileSync(join(at('host'), 'reboot-metrics.sh'), `source ${at('rounds')}/${round}.reboot\n`);
  writeFileSync(join(at('payload'), 'report.sh'), `echo "report $*" >>${at('calls')}\n${report}\n`);
  // Keeps what each round left, moves the clock on, and ends the watch after the last.
  writeFileSync(
    join(at('bin'), 'sleep'),
    `#!/bin/sh
read -r n <${at('round')}
read -r up _ <${at('uptime')}
cat ${at('metrics')}/selfheal_bootstrap.prom >${at('rounds')}/$n.prom
if [ -e ${at('own')}/ready ]; then echo ready; else echo "not ready"; fi >${at('rounds')}/$n.ready
if [ -e ${at('own')}/looked ]; then echo looked; fi >${at('rounds')}/$n.looked
echo $((n + 1)) >${at('round')}
echo $(($\{up%%.*} + $1)).00 0 >${at('uptime')}
if [ $((n + 1)) -eq ${rounds.length} ]; then kill -TERM $PPID; fi
`.replaceAll('$\\{', '${'),
    { mode: 0o755 },
  );
  const { status, signal, stdout, stderr } = spawnSync(
    // Not busybox's shell: that would use its own sleep. test/host runs it under that one.
    '/bin/dash',
    [join(SCRIPTS, 'watch.sh'), '/usr/bin/env', 'PATH=/usr/bin:/bin'],
    {
      encoding: 'utf8',
      // No part of what is tested: a watch that hangs is to fail here and not in the runner.
      timeout: 120_000,
      env: {
        PATH: at('bin'),
        WATCH_EVERY: '300',
        WATCH_FOLDER: at('own'),
        WATCH_PAYLOAD: at('payload'),
        WATCH_HOST_PAYLOAD: at('host'),
        WATCH_TEXTFILE_FOLDER: at('metrics'),
        WATCH_UPTIME: at('uptime'),
        ...environment,
      },
    },
  );
  const of = (index: number, what: string) => {
    const file = join(at('rounds'), `${index}.${what}`);
    return existsSync(file) ? readFileSync(file, 'utf8') : '';
  };
  const calls = existsSync(at('calls')) ? readFileSync(at('calls'), 'utf8').trimEnd().split('\n') : [];
  // What it had not come to would be asked for in vain.
  expect({ status, signal, rounds: +readFileSync(at('round'), 'utf8') }).toMatchObject({ signal: null });
  return {
    status,
    stdout: stdout.replaceAll(folder, ''),
    stderr,
    ready: rounds.map((_, index) => of(index, 'ready').trim()),
    looked: rounds.map((_, index) => of(index, 'looked').trim()),
    metric: (name: string) =>
      rounds.map(
        (_, index) => new RegExp(`^${name.replaceAll(/[{}]/g, '\\$&')} (\\d+)$`, 'm').exec(of(index, 'prom'))?.[1],
      ),
    looks: calls.filter((call) => call.startsWith('look')),
    calls,
    restores: calls.filter((call) => call.startsWith('restore')).length,
    left: existsSync(at('metrics')) ? readdirSync(at('metrics')) : [],
  };
}

const DRIFTED: Round = { look: 'kept /a\ndrifted /b: it was edited since\n', status: 3 };
const RESTORE = { WATCH_ON_DRIFT: 'restore' };

describeWith(['busybox', 'dash'], 'watch.sh', () => {
  test('lets the host be reported on after each look, the first included, by the same way', () => {
    const { calls, stdout } = watch([{}, DRIFTED, {}], {}, `echo 'report {}'`);
    const report = 'report /usr/bin/env PATH=/usr/bin:/bin';

    expect(calls).toEqual(['look --check', report, 'look --check', report, 'look --check', report]);
    expect(stdout.match(/^report \{\}$/gm)).toHaveLength(3);
  });

  test('goes on where nothing could be reported, and says so', () => {
    const { stdout, ready, status } = watch([{}, {}], {}, 'exit 2');

    expect({ ready, status }).toEqual({ ready: ['ready', 'ready'], status: 0 });
    expect(stdout.match(/^watch: nothing could be reported of the host$/gm)).toHaveLength(2);
  });

  test('does not put back what it is only to report', () => {
    const { restores, ready, metric, stdout } = watch([{}, DRIFTED, DRIFTED, {}]);

    expect(restores).toBe(0);
    expect(ready).toEqual(['ready', 'not ready', 'not ready', 'ready']);
    expect(metric('selfheal_bootstrap_items{state="drifted"}')).toEqual(['0', '1', '1', '0']);
    expect(stdout).toBe(
      'watch: the host is as described (1 items)\ndrifted /b: it was edited since\nwatch: the host is as described (1 items)\n',
    );
  });

  test.each<[string, Round]>([
    ['a probe that failed', { look: 'kept /a\ncannot-tell lamp.service: systemd does not say\n', status: 2 }],
    ['a wrong plan', { look: 'plan: line 3: expected a known kind\n', status: 1 }],
    ['a program that is not there', { look: '', status: 127 }],
    ['a look that took too long', { look: 'kept /a\n', status: 124 }],
    ['a look that ends as if it could not tell, without a line', { look: 'kept /a\n', status: 2 }],
  ])('does not act on %s, and leaves readiness as it was', (_, unclear) => {
    const { restores, ready, metric } = watch([{}, unclear, DRIFTED, unclear], { ...RESTORE, WATCH_MAX_RESTORES: '1' });

    expect(restores).toBe(1);
    expect(ready).toEqual(['ready', 'ready', 'not ready', 'not ready']);
    expect(metric('selfheal_bootstrap_up')).toEqual(['1', '0', '1', '0']);
  });

  test('is not ready before it has seen the host as described', () => {
    expect(watch([{ look: '', status: 2 }, {}]).ready).toEqual(['not ready', 'ready']);
  });

  test.each<[string, Round]>([
    ['could not tell', { look: '', status: 2 }],
    ['saw drift', DRIFTED],
    ['saw the host as described', {}],
  ])('has started once its first look is over, also when it %s', (_, first) => {
    expect(watch([first]).looked).toEqual(['looked']);
  });

  test('is not ready on what is refused, and does not try to mend it', () => {
    const { ready, restores } = watch([{ look: 'refused plan: wrong boot loader\n', status: 2 }], RESTORE);

    expect([ready, restores]).toEqual([['not ready'], 0]);
  });

  test('puts back by the way in which it was brought, and looks again', () => {
    const { restores, looks, stdout } = watch([DRIFTED], RESTORE);

    expect(restores).toBe(1);
    expect(looks).toEqual(['look --check', 'look --check']);
    expect(stdout).toContain('watch: putting back what was changed (1 items; attempt 1 of 3 within an hour)\n');
  });

  test('waits longer after each attempt and makes three within an hour', () => {
    const { metric } = watch(Array(14).fill(DRIFTED), RESTORE);

    // At 0, 5 and 15 minutes; the next when the first is an hour old, then one for each that leaves the hour.
    expect(metric('selfheal_bootstrap_restores_total').map(Number)).toEqual([1, 2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4, 4]);
    expect(metric('selfheal_bootstrap_restores_held')[5]).toBe('1');
  });

  test('counts a payload that is gone or another one as drift, and runs nothing of it', () => {
    const { looks, ready, stdout } = watch([{ staged: false }]);

    expect(looks).toEqual([]);
    expect(ready).toEqual(['not ready']);
    expect(stdout).toContain('drifted /host: the host has another payload, or none');
  });

  test('writes down what the host says of its reboot, in the same file', () => {
    const { metric } = watch([{}, { reboot: REBOOT(1) }, {}]);

    expect(metric('selfheal_reboot_pending{reason="kernel"}')).toEqual(['0', '1', '0']);
  });

  test.each([
    ['ends as if it could not tell', `${REBOOT(0)}; exit 2`],
    ['is not there', 'exit 127'],
    ['says nothing', ':'],
  ])('has no number for a reboot where what would say it %s, and all others', (_, reboot) => {
    const { metric, ready } = watch([{}, { reboot }]);

    expect(metric('selfheal_reboot_pending{reason="kernel"}')).toEqual(['0', undefined]);
    expect(metric('selfheal_bootstrap_up')).toEqual(['1', '1']);
    expect(ready).toEqual(['ready', 'ready']);
  });

  test('takes its metrics away when it is told to end', () => {
    const { status, left, metric } = watch([{}]);

    expect(metric('selfheal_bootstrap_up')).toEqual(['1']);
    expect([status, left]).toEqual([0, []]);
  });

  test.each([
    [{ WATCH_EVERY: '' }, 'WATCH_EVERY: expected seconds, got ""'],
    [{ WATCH_EVERY: '5m' }, 'WATCH_EVERY: expected seconds, got "5m"'],
    [{ WATCH_EVERY: '0' }, 'WATCH_EVERY: expected seconds, got "0"'],
    [{ WATCH_ON_DRIFT: 'maybe' }, 'WATCH_ON_DRIFT: expected report or restore, got "maybe"'],
    [{ WATCH_FOLDER: '/nowhere' }, 'WATCH_FOLDER: expected a folder, got "/nowhere"'],
  ])('refuses %j before it looks', (settings, message) => {
    const { status, stderr, looks } = watch([{}], settings);

    expect([status, stderr.trim(), looks]).toEqual([1, `watch: ${message}`, []]);
  });
});

describe('textfile.sh', () => {
  function textfile(input: string, name = 'x.prom', prepare: (folder: string) => void = () => {}) {
    const folder = mkdtempSync(join(tmpdir(), 'textfile-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    prepare(folder);
    const { status, stderr } = spawnSync('bash', [join(SCRIPTS, 'textfile.sh'), join(folder, 'metrics'), name], {
      input,
      encoding: 'utf8',
    });
    const names = existsSync(join(folder, 'metrics')) ? readdirSync(join(folder, 'metrics')) : [];
    return { status, stderr, folder, names };
  }

  test.each(['../x.prom', 'x', 'X.prom', '.prom', ''])('refuses the name %j', (name) => {
    expect(textfile('a 1', name)).toMatchObject({ status: 1, names: [] });
  });

  test('does not follow a link that stands where its draft is to be', () => {
    const { folder, status } = textfile('a 1\n', 'x.prom', (root) => {
      mkdirSync(join(root, 'metrics'));
      writeFileSync(join(root, 'victim'), 'theirs');
      symlinkSync(join(root, 'victim'), join(root, 'metrics/.x.prom.new'));
    });

    expect(status).toBe(0);
    expect(readFileSync(join(folder, 'victim'), 'utf8')).toBe('theirs');
    expect(readFileSync(join(folder, 'metrics/x.prom'), 'utf8')).toBe('a 1\n');
  });

  test('makes the folder, and takes only its own file away', () => {
    expect(textfile('a 1\n')).toMatchObject({ status: 0, names: ['x.prom'] });
    expect(
      textfile('', 'x.prom', (root) => {
        mkdirSync(join(root, 'metrics'));
        for (const name of ['x.prom', 'y.prom']) writeFileSync(join(root, 'metrics', name), '');
      }),
    ).toMatchObject({ status: 0, names: ['y.prom'] });
    expect(textfile('')).toMatchObject({ status: 0, names: [] });
  });
});
