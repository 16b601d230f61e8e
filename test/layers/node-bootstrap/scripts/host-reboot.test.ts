import { mkdirSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readScript } from '../../../../src/layers/script.js';
import { type FakeHost, fakeHost, headerVariables } from '../../../support/fake-host.js';

const SCRIPT = 'src/layers/node-bootstrap/scripts/host-reboot.sh';
const BOOT = '0b6f4a52-6f0c-4f0e-9b64-3d1f0a9c7e11';
const OTHER = 'c1d0e8b7-51aa-4f3c-8f37-a20f6b1c5d22';
const SANDBOXES = 'selfheal-before-reboot.service';

/** A host in that boot, whose systemd runs and has the unit that removes sandboxes. */
function host({ boot = BOOT, active = [SANDBOXES], states = {} as Readonly<Record<string, string>> } = {}): FakeHost {
  const shown = [...active.map((unit) => [unit, 'active'] as const), ...Object.entries(states)];
  const made = fakeHost(['timeout'], {
    systemctl: [
      'case "$*" in',
      ...shown.map(([unit, state]) => `  'show --property=ActiveState --value ${unit}') printf '%s\\n' '${state}' ;;`),
      "  'show '*) printf 'inactive\\n' ;;",
      "  is-system-running) printf 'degraded\\n'; exit 1 ;;",
      '  *) exit 9 ;;',
      'esac',
    ].join('\n'),
    'systemd-run': 'exit 0',
  });
  if (boot !== 'none') made.write('proc/sys/kernel/random/boot_id', `${boot}\n`);
  return made;
}

const run = (on: FakeHost, env: Readonly<Record<string, string>> = {}) =>
  on.run(
    'bash',
    {
      HOST_REBOOT_BOOT_ID: BOOT,
      HOST_REBOOT_SANDBOX_UNIT: SANDBOXES,
      HOST_REBOOT_PROC_FOLDER: on.path('proc'),
      ...env,
    },
    [SCRIPT],
  );

const ordered = (calls: readonly string[]) => calls.filter((call) => call.startsWith('systemd-run'));

test('a host that has rebooted since is left alone, and nobody asks its systemd anything', () => {
  const { status, stdout, calls } = run(host({ boot: OTHER }));

  expect(status).toBe(2);
  expect(stdout).toBe(`host-reboot: not rebooted: expected boot ${BOOT}, got ${OTHER}: it has rebooted since\n`);
  expect(calls).toEqual([]);
});

test.each([
  ['none', 'none'],
  ['an empty one', ''],
])('a host without a boot id is left alone: %s', (_, boot) => {
  const on = host({ boot });

  const { status, stdout, calls } = run(on);

  expect(status).toBe(2);
  expect(stdout).toBe(`host-reboot: not rebooted: no boot id in '${on.path('proc')}'\n`);
  expect(calls).toEqual([]);
});

const HOST_MOUNTS = 'host-mounts';

/** A host with a process of that name in that mount namespace. */
function working(name: string, mounts = HOST_MOUNTS): FakeHost {
  const on = host();
  for (const each of new Set([HOST_MOUNTS, mounts])) on.write(each, '');
  for (const [id, comm, namespace] of [
    ['1', 'systemd', HOST_MOUNTS],
    ['77', 'bash', HOST_MOUNTS],
    ['4711', name, mounts],
  ] as const) {
    on.write(`proc/${id}/comm`, `${comm}\n`);
    mkdirSync(on.path(`proc/${id}/ns`));
    symlinkSync(on.path(namespace), on.path(`proc/${id}/ns/mnt`));
  }
  return on;
}

test.each(['apt-get', 'dpkg', 'rpm'])('a host on which %s is at work is left alone', (name) => {
  const { status, stdout, calls } = run(working(name));

  expect(status).toBe(2);
  expect(stdout).toBe(`host-reboot: not rebooted: ${name} (process 4711) is at work\n`);
  expect(ordered(calls)).toEqual([]);
});

test.each([
  ['one in a container', 'dpkg', 'mounts-of-a-container'],
  ['one that only waits for the shutdown', 'unattended-upgr', HOST_MOUNTS],
])('a package manager does not hold up a reboot: %s', (_, name, mounts) => {
  const { status, calls } = run(working(name, mounts));

  expect(status).toBe(0);
  expect(ordered(calls)).toHaveLength(1);
});

test.each(['', 'x', '*', `${BOOT}0`, BOOT.toUpperCase()])('%j is no boot id to end, whatever the host has', (asked) => {
  const { status, stdout, calls } = run(host({ boot: asked }), { HOST_REBOOT_BOOT_ID: asked });

  expect(status).toBe(1);
  expect(stdout).toBe(`host-reboot: setting 'HOST_REBOOT_BOOT_ID': expected a boot id, got '${asked}'\n`);
  expect(calls).toEqual([]);
});

test.each([
  ['HOST_REBOOT_SANDBOX_UNIT', '--now.service x', 'a service'],
  ['HOST_REBOOT_AFTER_SECONDS', '0', 'a whole number from 1 to 99'],
  ['HOST_REBOOT_AFTER_SECONDS', '2; poweroff', 'a whole number from 1 to 99'],
])('%s %j is refused', (name, value, expected) => {
  const { status, stdout, calls } = run(host(), { [name]: value });

  expect(status).toBe(1);
  expect(stdout).toBe(`host-reboot: setting '${name}': expected ${expected}, got '${value}'\n`);
  expect(calls).toEqual([]);
});

test('whoever does not say whether sandboxes are removed reboots nothing', () => {
  const on = host();

  const { status, calls } = on.run('bash', { HOST_REBOOT_BOOT_ID: BOOT, HOST_REBOOT_PROC_FOLDER: on.path('proc') }, [
    SCRIPT,
  ]);

  expect(status).toBe(1);
  expect(calls).toEqual([]);
});

test.each(['inactive', 'failed', 'deactivating', ''])(
  'without the unit that removes sandboxes there is no reboot: %j',
  (state) => {
    const { status, stdout, calls } = run(host({ active: [], states: { [SANDBOXES]: state } }));

    expect(status).toBe(2);
    expect(stdout).toContain(`${SANDBOXES}: expected active (it removes the sandboxes), got '${state}'`);
    expect(ordered(calls)).toEqual([]);
  },
);

test.each(['systemctl', 'systemd-run'])('a host without %s is left alone', (program) => {
  const stubs: Record<string, string> = { systemctl: 'exit 0', 'systemd-run': 'exit 0' };
  delete stubs[program];
  const on = fakeHost(['timeout'], stubs);
  on.write('proc/sys/kernel/random/boot_id', `${BOOT}\n`);

  const { status, stdout, calls } = run(on);

  expect(status).toBe(2);
  expect(stdout).toContain('systemctl, systemd-run or timeout is missing');
  expect(calls).toEqual([]);
});

test('a systemd that does not answer gets no order', () => {
  const on = host();
  on.stub('systemctl', 'exit 1');

  const { status, stdout, calls } = run(on);

  expect(status).toBe(2);
  expect(stdout).toContain('systemd does not answer');
  expect(ordered(calls)).toEqual([]);
});

test.each(['selfheal-reboot.timer', 'selfheal-reboot.service'])(
  'an order that stands is not given again: %s',
  (unit) => {
    const { status, stdout, calls } = run(host({ active: [SANDBOXES, unit] }));

    expect(status).toBe(0);
    expect(stdout).toContain('the order to reboot stands already');
    expect(ordered(calls)).toEqual([]);
  },
);

test('an order that systemd refused is told as such: nothing is under way', () => {
  const on = host();
  on.stub('systemd-run', 'exit 1');

  expect(run(on)).toMatchObject({
    status: 2,
    stdout: expect.stringContaining('not rebooted: systemd-run ended with 1'),
  });
});

test('an order of which nobody knows whether it was taken is not told as refused', () => {
  const on = host();
  // It is there when it is asked for the second time.
  on.stub('systemd-run', `printf x >'${on.path('taken')}'; exit 1`);
  on.stub(
    'systemctl',
    `case "$*" in
       is-system-running) printf 'running\\n' ;;
       *selfheal-reboot.timer) [[ -e '${on.path('taken')}' ]] && printf 'activating\\n' || printf 'inactive\\n' ;;
       *selfheal-reboot.service) printf 'inactive\\n' ;;
       *) printf 'active\\n' ;;
     esac`,
  );

  const { status, stdout } = run(on);

  expect(status).toBe(4);
  expect(stdout).toContain("selfheal-reboot.timer is 'activating': this host may go down");
});

test('the boot that is meant ends once: by systemd, after the pod', () => {
  const { status, stdout, calls } = run(host());

  expect(status).toBe(0);
  expect(ordered(calls)).toEqual([
    'systemd-run --quiet --collect --unit=selfheal-reboot --description=Reboot for a roll --on-active=2s --timer-property=AccuracySec=100ms systemctl reboot',
  ]);
  expect(calls).not.toContain('systemctl reboot');
  expect(stdout).toContain(`${SANDBOXES} ends the pods and removes their sandboxes`);
  expect(stdout).toContain(`boot ${BOOT}: reboots in 2 s`);
});

test('a host whose description removes no sandboxes reboots too, and says so', () => {
  const { status, stdout, calls } = run(host({ active: [] }), { HOST_REBOOT_SANDBOX_UNIT: '' });

  expect(status).toBe(0);
  expect(stdout).toContain('no unit removes the sandboxes on the way down, as described');
  expect(ordered(calls)).toHaveLength(1);
});

test('it runs as a pod gives it to bash: through a pipe', () => {
  const on = host();
  const env = { HOST_REBOOT_BOOT_ID: BOOT, HOST_REBOOT_SANDBOX_UNIT: '', HOST_REBOOT_PROC_FOLDER: on.path('proc') };

  const { status, calls } = on.run('bash', { ...env, TEXT: readScript('node-bootstrap', 'host-reboot.sh') }, [
    '-c',
    'printf %s "$TEXT" | bash /dev/stdin',
  ]);

  expect(status).toBe(0);
  expect(ordered(calls)).toHaveLength(1);
});

test('the header names what it takes', () => {
  expect(headerVariables(readScript('node-bootstrap', 'host-reboot.sh'))).toEqual([
    'HOST_REBOOT_BOOT_ID',
    'HOST_REBOOT_SANDBOX_UNIT',
    'HOST_REBOOT_AFTER_SECONDS',
    'HOST_REBOOT_PROC_FOLDER',
  ]);
});
