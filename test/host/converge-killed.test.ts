/**
 * kill -9 at random instants: KILLS=1000 npx vitest run --config test/host/vitest.config.ts test/host/converge-killed.test.ts
 * The files are real; systemd, the kernel and what brings files to the disk are stubs. So it tells what a reader of the
 * files and the next run may find, and not what a disk has after its power is cut.
 */
import { expect, test } from 'vitest';
import type { HostState } from '../../src/host/host-state.js';
import { FakeHost } from '../layers/node-bootstrap/fake-host.js';
import { describeWith } from '../support/tools.js';

const KILLS = Number(process.env.KILLS ?? 40);
const ARGS = '/var/snap/microk8s/current/args/kube-scheduler';
const PARAMETER = '/sys/module/rcupdate/parameters/timeout';
const UNIT = '/etc/systemd/system/w.service';
const PROGRAM = '/usr/local/bin/w';

const file = (path: string, content: string) => ({ path, mode: '0644', content }) as const;
const long = (word: string) => `${word}\n`.repeat(2_000);
const lease = (value: string) => ({ file: ARGS, flag: '--lease', value, readBy: 'kubelite.service' });

/** Two descriptions between which a host goes back and forth. */
const ONE: Partial<HostState> = {
  files: [
    file('/etc/replaced.conf', long('one')),
    file('/etc/selfheal/a.env', 'A=1\n'),
    file(PROGRAM, long('first')),
    file(UNIT, `[Service]\nExecStart=${PROGRAM}\n`),
    file('/etc/sysctl.d/99-x.conf', 'x = 1\n'),
  ],
  units: [{ name: 'w.service', reads: ['/etc/selfheal/a.env'] }],
  kernelArguments: ['b=1', 'c.d=1'],
  flags: [lease('20s')],
  parameters: [{ module: 'rcupdate', name: 'timeout', value: '0' }],
};
const TWO: Partial<HostState> = {
  files: [
    file('/etc/selfheal/b/c.env', 'C=1\n'),
    file(PROGRAM, long('second')),
    file(UNIT, `[Service]\nExecStart=${PROGRAM} run\n`),
  ],
  units: ['w.service'],
  kernelArguments: ['b=2'],
};

/** Each file with all that it may hold at any time; null is "not there". */
const OLD_OR_NEW: Readonly<Record<string, readonly (string | null)[]>> = {
  '/etc/replaced.conf': [long('one'), 'theirs\n'],
  '/etc/selfheal/a.env': ['A=1\n', null],
  '/etc/selfheal/b/c.env': ['C=1\n', null],
  [PROGRAM]: [long('first'), long('second')],
  [UNIT]: [`[Service]\nExecStart=${PROGRAM}\n`, `[Service]\nExecStart=${PROGRAM} run\n`],
  '/etc/sysctl.d/99-x.conf': ['x = 1\n', null],
  '/boot/firmware/current/cmdline.txt': ['a b=1 z c.d=1\n', 'a b=2 z\n'],
  [ARGS]: ['--lease=20s\n--v=1\n', '--lease=60s\n--v=1\n'],
};

/** What a start counts is not what a host is. */
const exact = (host: FakeHost) =>
  Object.fromEntries(Object.entries(host.snapshot()).filter(([path]) => !path.startsWith('/run/')));

function settled(): { host: FakeHost; goals: readonly ReturnType<typeof exact>[] } {
  const host = new FakeHost();
  host.write(host.bootFile, 'a b=0 z\n');
  host.write('/etc/replaced.conf', 'theirs\n');
  host.write(ARGS, '--lease=60s\n--v=1\n');
  host.write(PARAMETER, '21000\n');
  // Once there and back, so that what is only made once is there.
  for (const state of [ONE, TWO]) expect(host.converge(state)).toMatchObject({ status: 3, stderr: '' });
  host.converge(ONE);
  const one = exact(host);
  host.converge(TWO);
  return { host, goals: [one, exact(host)] };
}

/** A machine is slower at one time than at another: how long a whole run takes is asked anew each so many rounds. */
const ROUNDS_OF_A_MEASURE = 20;
const LONG = 60_000;

describeWith(['bash', 'flock', 'unshare'], `converge.sh killed ${KILLS} times at random instants`, () => {
  test('leaves no file in part and one valid command line, and a further run ends as an undisturbed one does, also of another plan', {
    timeout: 10_000 + KILLS * 6_000,
  }, () => {
    const { host, goals } = settled();
    let kills = 0;
    let milliseconds = 0;

    // The host stands as the plan before n asks for.
    for (let n = 0, round = 0; kills < KILLS; n += 1, round += 1) {
      const measured = round % ROUNDS_OF_A_MEASURE === 0;
      const instant = Math.random() * milliseconds;
      host.stage(n % 2 === 0 ? ONE : TWO);
      const start = performance.now();
      const killed = host.runKilled(measured ? LONG : instant, round % 4 < 2 ? 'all' : 'alone');
      if (measured) milliseconds = performance.now() - start;
      if (!killed) {
        // It came to its end before: not counted, but the same must hold.
        expect(exact(host)).toEqual(goals[n % 2]);
        continue;
      }
      kills += 1;
      const where = `kill ${kills} after ${Math.round(instant)} of ${Math.round(milliseconds)} ms`;
      for (const [path, allowed] of Object.entries(OLD_OR_NEW)) {
        expect(allowed.includes(host.exists(path) ? host.read(path) : null), `${path}, ${where}`).toBe(true);
      }
      // Each third time the description has become another one before anybody runs again.
      if (kills % 3 === 0) n += 1;
      host.stage(n % 2 === 0 ? ONE : TWO);
      const { status, stdout } = host.run();
      expect([0, 3], `${where}: ${stdout}`).toContain(status);
      expect(exact(host), where).toEqual(goals[n % 2]);
    }

    expect(kills).toBe(KILLS);
  });
});
