import { closeSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { HostState } from '../../src/host/host-state.js';
import { FakeHost } from '../layers/node-bootstrap/fake-host.js';
import { describeWith } from '../support/tools.js';

const ARGS = '/var/snap/microk8s/current/args/kube-scheduler';
const file = (path: string, content: string) => ({ path, mode: '0644', content }) as const;
const unitFile = (kind: string) => `/etc/systemd/system/w.${kind}`;
const lease = (value: string) => ({ file: ARGS, flag: '--lease', value, readBy: 'kubelite.service' });

const BEFORE: Partial<HostState> = {
  files: [file('/etc/replaced.conf', 'ours\n'), file('/etc/selfheal/dropped.env', 'A=1\n')],
  kernelArguments: ['b=1', 'dropped=1'],
};
const AFTER: Partial<HostState> = {
  files: [file('/etc/systemd/system/w.timer', '[Timer]\n'), file('/etc/theirs.conf', 'ours\n')],
  units: ['w.timer'],
  kernelArguments: ['b=2'],
  flags: [lease('20s')],
};

/** Each file with all that it may hold at any time; null is "not there". */
const OLD_OR_NEW: Readonly<Record<string, readonly (string | null)[]>> = {
  '/etc/replaced.conf': ['ours\n', 'theirs\n'],
  '/etc/selfheal/dropped.env': ['A=1\n', null],
  '/etc/systemd/system/w.timer': [null, '[Timer]\n'],
  '/etc/theirs.conf': ['theirs\n', 'ours\n'],
  '/boot/firmware/current/cmdline.txt': ['a b=1 c dropped=1\n', 'a b=2 c\n'],
  [ARGS]: ['--lease=60s\n--v=1\n', '--lease=20s\n--v=1\n'],
};

/** What commits a change; between two of them a kill finds the same files, but for drafts. */
const COMMITS = ['mv', 'rm'];

function prepared(): FakeHost {
  const host = new FakeHost();
  host.write(host.bootFile, 'a b=0 c\n');
  host.write('/etc/replaced.conf', 'theirs\n');
  host.write('/etc/theirs.conf', 'theirs\n');
  host.write(ARGS, '--lease=60s\n--v=1\n');
  host.converge(BEFORE);
  host.stage(AFTER);
  return host;
}

const settled = (host: FakeHost) =>
  Object.fromEntries(Object.entries(host.snapshot()).filter(([path]) => !path.startsWith('/run/')));

describeWith(['bash', 'flock'], 'converge.sh that is killed', () => {
  test('cannot have written into a file that somebody reads: each change is another file under the same name', () => {
    const host = prepared();
    const paths = ['/etc/replaced.conf', '/etc/theirs.conf', host.bootFile, ARGS];
    const open = paths.map((path) => ({ path, descriptor: openSync(host.at(path), 'r'), content: host.read(path) }));

    host.run();

    for (const { path, descriptor, content } of open) {
      expect(host.read(path), path).not.toBe(content);
      expect(readFileSync(descriptor, 'utf8'), path).toBe(content);
      closeSync(descriptor);
    }
  });

  test('has each new content on the disk before it bears the name', () => {
    const host = prepared();
    host.stub('sync', `#!/bin/bash\nprintf 'sync %s\\n' "\${@:2}" >>"$CALLS"\n`);
    // "mv -fT -- DRAFT NAME" and "mv -f -t FOLDER -- DRAFT…".
    host.stub(
      'mv',
      `#!/bin/bash
if [[ $2 == -t ]]; then drafts=("\${@:5}"); else drafts=("$3"); fi
printf 'mv %s\\n' "\${drafts[@]}" >>"$CALLS"
exec /bin/mv "$@"
`,
    );

    const { calls } = host.run();

    const moves = calls.flatMap((call, index) => (call.startsWith('mv ') ? [index] : []));
    expect(moves.length).toBeGreaterThan(10);
    for (const index of moves) {
      const draft = calls[index]?.slice('mv '.length) ?? '';
      const earlier = calls.slice(0, index);
      expect(earlier.lastIndexOf(`sync ${draft}`), draft).toBeGreaterThan(earlier.lastIndexOf(`mv ${draft}`));
    }
  });

  test('has the name of a program on the disk before a unit that runs it gets its own', () => {
    const host = new FakeHost();
    const record = (name: string) => `#!/bin/bash\nprintf '${name} %s\\n' "$*" >>"$CALLS"\n`;
    host.stub('sync', record('sync'));
    host.stub('mv', `${record('mv')}exec /bin/mv "$@"\n`);
    const program = '/usr/local/bin/w';

    const { calls } = host.converge({
      files: [file(unitFile('service'), `[Service]\nExecStart=${program}\n`), file(program, 'w\n')],
    });

    const [renamed, synced, unit] = [
      calls.findIndex((call) => call.startsWith('mv') && call.endsWith(host.at(program))),
      calls.indexOf(`sync -- ${host.at('/usr/local/bin')}`),
      calls.findIndex((call) => call.startsWith('mv') && call.endsWith(host.at(unitFile('service')))),
    ];
    expect(renamed).toBeGreaterThan(-1);
    expect(synced).toBeGreaterThan(renamed);
    expect(unit).toBeGreaterThan(synced);
  });

  test('asks the disk no more often for ten files of a unit than for one', () => {
    const syncs = (count: number) => {
      const host = new FakeHost();
      host.stub('sync', '#!/bin/bash\nprintf "sync\\n" >>"$CALLS"\n');
      const reads = Array.from({ length: count }, (_, index) => `/etc/selfheal/${index}`);
      const { status, calls } = host.converge({
        files: [file('/etc/systemd/system/w.timer', '[Timer]\n'), ...reads.map((path) => file(path, `${path}\n`))],
        units: [{ name: 'w.timer', reads }],
      });
      expect(status).toBe(3);
      return calls.filter((call) => call === 'sync').length;
    };

    expect(syncs(10)).toBe(syncs(1));
  });

  test('leaves each file old or new, and the next run ends where an undisturbed one does', () => {
    const start = prepared();
    const undisturbed = start.copy();

    expect(undisturbed.run().status).toBe(3);
    const goal = settled(undisturbed);
    let kills = 0;

    for (let n = 1; ; n += 1) {
      const host = start.copy();
      if (!host.runUntil(COMMITS, n)) break;
      kills += 1;
      for (const [path, allowed] of Object.entries(OLD_OR_NEW)) {
        expect(allowed, `${path}, killed before call ${n}`).toContain(host.exists(path) ? host.read(path) : null);
      }
      host.run();
      expect(settled(host), `killed before call ${n}`).toEqual(goal);
    }

    expect(kills).toBeGreaterThan(20);
    expect(undisturbed.run().status).toBe(0);
  });

  test('gives everything back in the next run, wherever it was killed while giving back', () => {
    const start = new FakeHost();
    start.write('/etc/theirs.conf', 'theirs\n');
    start.write(ARGS, '--lease=60s\n--v=1\n');
    const before = { boot: start.read(start.bootFile), args: start.read(ARGS) };
    start.converge(AFTER);
    start.stage({});
    let kills = 0;

    for (let n = 1; ; n += 1) {
      const host = start.copy();
      if (!host.runUntil(COMMITS, n)) break;
      kills += 1;
      host.run();
      expect(host.read('/etc/theirs.conf'), `killed before call ${n}`).toBe('theirs\n');
      expect(host.exists('/etc/systemd'), `killed before call ${n}`).toBe(false);
      expect({ boot: host.read(host.bootFile), args: host.read(ARGS) }).toEqual(before);
      expect(host.run(), `killed before call ${n}`).toMatchObject({ status: 0, stdout: '' });
    }

    expect(kills).toBeGreaterThan(10);
  });

  test('leaves nothing, not even a draft, when nothing is asked for any more after it was killed', () => {
    const start = new FakeHost();
    start.write('/etc/theirs.conf', 'theirs\n');
    start.write(ARGS, '--lease=60s\n--v=1\n');
    const theirs = (host: FakeHost) =>
      Object.fromEntries(Object.entries(host.snapshot()).filter(([path]) => !/^\/(run|var\/lib)/.test(path)));
    const before = theirs(start);
    start.stage(AFTER);
    let kills = 0;

    for (let n = 1; ; n += 1) {
      const host = start.copy();
      if (!host.runUntil(COMMITS, n)) break;
      kills += 1;
      host.converge({});
      expect(theirs(host), `killed before call ${n}`).toEqual(before);
    }

    expect(kills).toBeGreaterThan(10);
  });

  test('tells systemd nothing while a unit is half of one version and half of another', () => {
    const parts = ['/usr/local/bin/w', '/etc/selfheal/w.env', ...['service', 'timer'].map(unitFile)];
    const version = (word: string): Partial<HostState> => ({
      files: parts.map((path) => file(path, `# ${word}\n`)),
      units: [{ name: 'w.timer', reads: parts.slice(0, 2) }],
    });
    const start = new FakeHost();
    start.converge(version('one'));
    start.stage(version('two'));
    // What somebody sees who reads all parts at the moment at which systemd is told.
    const spying = (host: FakeHost) => {
      const systemctl = readFileSync(join(host.bin, 'systemctl'), 'utf8').replace('#!/bin/bash\n', '');
      const seen = parts.map((path) => `$(<"$CONVERGE_ROOT${path}")`).join('');
      host.stub(
        'systemctl',
        `#!/bin/bash\n[[ $1 == show ]] || echo "$1${seen}" >>"$CONVERGE_ROOT/run/told"\n${systemctl}`,
      );
    };
    let [kills, halves] = [0, 0];

    for (let n = 1; ; n += 1) {
      const host = start.copy();
      spying(host);
      if (!host.runUntil(COMMITS, n)) break;
      kills += 1;
      if (new Set(parts.map((path) => host.read(path))).size > 1) halves += 1;
      host.run();
      const whole = (act: string) => `${act}${'# two'.repeat(parts.length)}`;
      const told = host.read('/run/told').trimEnd().split('\n');
      expect(new Set(told), `killed before call ${n}`).toEqual(new Set([whole('daemon-reload'), whole('restart')]));
    }

    expect(kills).toBeGreaterThan(parts.length);
    expect(halves).toBe(parts.length - 1);
  });
});
