import { symlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type FakeHost, fakeHost } from '../../support/fake-host.js';
import { describeWith } from '../../support/tools.js';

const SCRIPT = fileURLToPath(new URL('../../../src/layers/upgrades/scripts/selfheal-os-upgrade.sh', import.meta.url));

const REAL = ['env', 'timeout', 'sed', 'mkdir', 'cat', 'mv', 'rm', 'sync'];

/** Time passes only while the script sleeps, and a machine that goes down ends whoever waits for that. */
const SLEEP = `[[ ! -e $HOME/down ]] || kill -TERM $PPID
read -r up _ <"$HOME/uptime"
printf '%s.00 1.00\\n' "$((\${up%%.*} + $1))" >"$HOME/uptime"`;

/** The stubs of a machine on which everything succeeds; each may be replaced. */
const WORKS = {
  'apt-get': 'exit 0',
  dpkg: 'exit 0',
  'do-release-upgrade': `if [[ $1 == -c ]]; then printf "New release '26.04 LTS' available.\\n"; else printf 'VERSION_ID="26.04"\\n' >"$HOME/os-release"; fi`,
  systemctl: ': >"$HOME/down"',
  kubectl: `printf '%s' 'True|boot-2|Ubuntu 26.04.1 LTS'`,
  sleep: SLEEP,
};

interface World {
  readonly release?: string;
  readonly phase?: string;
  readonly boot?: string;
  readonly attempts?: string;
  readonly stubs?: Partial<typeof WORKS>;
}

function hostWith({ release = '25.10', phase, boot = 'boot-1', attempts, stubs = {} }: World): FakeHost {
  const host = fakeHost(REAL, { ...WORKS, ...stubs });
  host.write('os-release', `NAME="Ubuntu"\nVERSION_ID="${release}"\n`);
  host.write('uptime', '500.00 1.00\n');
  host.write('boot_id', `${boot}\n`);
  if (phase !== undefined) host.write('os-upgrade/phase', `${phase}\n`);
  if (attempts !== undefined) host.write('os-upgrade/attempts', `${attempts}\n`);
  return host;
}

const run = (host: FakeHost, env: Readonly<Record<string, string>> = {}) =>
  host.run(SCRIPT, {
    UPGRADE_FROM: '25.10',
    UPGRADE_TO: '26.04',
    UPGRADE_NODE: 'ultron',
    UPGRADE_KUBECTL: 'kubectl --kubeconfig=/kubelet',
    UPGRADE_SETTLE_SECONDS: '60',
    UPGRADE_VERIFY_DEADLINE_SECONDS: '300',
    UPGRADE_STATE: host.path('os-upgrade'),
    UPGRADE_OS_RELEASE: host.path('os-release'),
    UPGRADE_BOOT_ID: host.path('boot_id'),
    UPGRADE_UPTIME: host.path('uptime'),
    UPGRADE_REBOOT_REQUIRED: host.path('reboot-required'),
    ...env,
  });

const REBOOT = 'systemctl --no-block reboot';
const UPGRADE = 'do-release-upgrade -f DistUpgradeViewNonInteractive';

describeWith(['bash'], 'selfheal-os-upgrade.sh', () => {
  test('does nothing on a host that runs the release already', () => {
    const host = hostWith({ release: '26.04' });

    expect(run(host)).toMatchObject({ status: 0, calls: [] });
  });

  test.each(['24.04', '26.10', ''])('does not touch a host that runs %j', (release) => {
    const outcome = run(hostWith({ release }));

    expect(outcome).toMatchObject({ status: 1, calls: [] });
    expect(outcome.stderr).toContain(`expected 25.10 or 26.04, got '${release}'`);
  });

  test.each([
    ['UPGRADE_FROM', ''],
    ['UPGRADE_TO', 'noble'],
    ['UPGRADE_NODE', ''],
    ['UPGRADE_NODE', 'a b'],
    ['UPGRADE_KUBECTL', ''],
    ['UPGRADE_SETTLE_SECONDS', '0'],
    ['UPGRADE_MAX_ATTEMPTS', 'many'],
    ['UPGRADE_STATE', '/'],
    ['UPGRADE_STATE', 'os-upgrade'],
  ])('refuses %s=%j before it touches anything', (name, value) => {
    const outcome = run(hostWith({}), { [name]: value });

    expect(outcome).toMatchObject({ status: 1, calls: [] });
    expect(outcome.stderr).toContain(name);
  });

  test('does not follow a link to where it removes files', () => {
    const host = hostWith({ release: '26.04', phase: 'rebooting boot-1', boot: 'boot-2' });
    host.write('precious/phase', 'rebooting boot-1\n');
    symlinkSync(host.path('precious'), host.path('link'));
    symlinkSync(host.path('precious'), host.path('precious/os-upgrade'));

    const outcome = run(host, { UPGRADE_STATE: host.path('precious/os-upgrade') });

    expect(outcome).toMatchObject({ status: 1, calls: [] });
    expect(host.has('precious/phase')).toBe(true);
  });

  test('does not begin a fourth time', () => {
    const outcome = run(hostWith({ attempts: '3' }));

    expect(outcome).toMatchObject({ status: 2, calls: [] });
    expect(outcome.stderr).toContain('began 3 times without success');
  });

  test('does not begin where the count of attempts makes no sense', () => {
    expect(run(hostWith({ attempts: 'x' }))).toMatchObject({ status: 2, calls: [] });
  });

  test('does not act on a phase that it does not know', () => {
    const outcome = run(hostWith({ phase: 'dancing' }));

    expect(outcome).toMatchObject({ status: 2, calls: [] });
    expect(outcome.stderr).toContain("expected upgrading or rebooting, got 'dancing'");
  });

  test('does not act without a boot id', () => {
    const outcome = run(hostWith({}), { UPGRADE_BOOT_ID: '/nonexistent' });

    expect(outcome).toMatchObject({ status: 2, calls: [] });
  });

  test('does not upgrade to another release than the one that was asked for', () => {
    const stubs = { 'do-release-upgrade': `printf "New release '25.04' available.\\n"` };

    const outcome = run(hostWith({ stubs }));

    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain('expected it to offer 26.04');
    expect(outcome.calls).not.toContain(UPGRADE);
  });

  test.each([
    ['nothing is offered', { 'do-release-upgrade': 'exit 1' }, 'offers nothing'],
    ['half-installed packages cannot be configured', { dpkg: 'exit 1' }, 'half-installed'],
    ['dependencies cannot be repaired', { 'apt-get': '[[ $* != *--fix-broken* ]]' }, 'dependencies'],
    ['the package lists cannot be read', { 'apt-get': '[[ $* != *update* ]]' }, 'package lists'],
    ['the present release cannot be brought up to date', { 'apt-get': '[[ $* != *dist-upgrade* ]]' }, 'up to date'],
  ])('does not upgrade when %s', (_, stubs, reason) => {
    const outcome = run(hostWith({ stubs }));

    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain(reason);
    expect(outcome.calls).not.toContain(UPGRADE);
    expect(outcome.calls).not.toContain(REBOOT);
  });

  test.each([
    [
      'the upgrade fails',
      { 'do-release-upgrade': `[[ $1 == -c ]] && printf "'26.04 LTS'" || exit 1` },
      'failed or took too long',
    ],
    [
      'the upgrade says it is done and the release is the old one',
      { 'do-release-upgrade': `printf "'26.04 LTS'"` },
      "got '25.10'; not rebooting",
    ],
    ['a package is not whole', { dpkg: `[[ $* != *--audit* ]] || printf 'linux-image is half-configured'` }, 'whole'],
    ['it cannot tell whether packages are whole', { dpkg: '[[ $* != *--audit* ]]' }, 'could not tell'],
  ])('does not reboot when %s', (_, stubs, reason) => {
    const host = hostWith({ stubs });

    const outcome = run(host);

    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain(reason);
    expect(outcome.calls).not.toContain(REBOOT);
    expect(host.read('os-upgrade/phase')).toBe('upgrading\n');
  });

  test('upgrades, writes down that it reboots, and only then reboots', () => {
    const systemctl = `cat "$HOME/os-upgrade/phase" >"$HOME/seen"; ${WORKS.systemctl}`;
    const host = hostWith({ stubs: { systemctl } });

    const { calls } = run(host);

    expect(calls.map((call) => call.replace(/-o \S+ /g, ''))).toEqual([
      'dpkg --force-confdef --force-confold --configure -a',
      'apt-get -y --fix-broken install',
      'apt-get -y update',
      'apt-get -y dist-upgrade',
      'do-release-upgrade -c',
      UPGRADE,
      'dpkg --force-confdef --force-confold --configure -a',
      'apt-get -y --fix-broken install',
      'dpkg --audit',
      REBOOT,
      'sleep 15',
    ]);
    expect(host.read('seen')).toBe('rebooting boot-1\n');
    expect(host.read('os-upgrade/attempts')).toBe('1\n');
  });

  test('does not end before the machine does, so that nobody uncordons the node', () => {
    const outcome = run(hostWith({ stubs: { systemctl: 'exit 0' } }));

    expect(outcome.status).toBe(2);
    expect(outcome.calls.filter((call) => call.startsWith('sleep'))).toHaveLength(40);
    expect(outcome.stderr).toContain('still running');
  });

  test('reboots first when an update of the present release asks for it', () => {
    const host = hostWith({});
    host.write('reboot-required', '');

    const { calls } = run(host);

    expect(calls.slice(-2)).toEqual([REBOOT, 'sleep 15']);
    expect(calls.join()).not.toContain('do-release-upgrade');
    expect(host.read('os-upgrade/phase')).toBe('rebooting boot-1\n');
  });

  test('upgrades after that reboot', () => {
    const { calls } = run(hostWith({ phase: 'rebooting boot-1', boot: 'boot-2', attempts: '1' }));

    expect(calls).toContain(UPGRADE);
  });

  test('goes on where a run was cut short before the release changed', () => {
    const host = hostWith({ phase: 'upgrading', attempts: '1' });

    expect(run(host).calls).toContain(UPGRADE);
    expect(host.read('os-upgrade/attempts')).toBe('2\n');
  });

  test('completes the packages where a run was cut short after the release changed', () => {
    const { calls } = run(hostWith({ release: '26.04', phase: 'upgrading', attempts: '3' }));

    expect(calls[0]).toContain('--configure -a');
    expect(calls).toContain('dpkg --audit');
    expect(calls.slice(-2)).toEqual([REBOOT, 'sleep 15']);
  });

  test('asks for the reboot again that was begun and has not happened', () => {
    expect(run(hostWith({ release: '26.04', phase: 'rebooting boot-1' })).calls).toEqual([REBOOT, 'sleep 15']);
  });

  test('ends well after the node was Ready in its new boot for the settling time', () => {
    const host = hostWith({ release: '26.04', phase: 'rebooting boot-1', boot: 'boot-2', attempts: '1' });
    host.write('os-upgrade/passed', '26.04\n');

    const { status, calls } = run(host);

    expect(status).toBe(3);
    expect(calls.filter((call) => call === 'sleep 15')).toHaveLength(4);
    expect(calls[0]).toContain('kubectl --kubeconfig=/kubelet get node ultron -o jsonpath=');
    for (const file of ['phase', 'attempts', 'passed']) expect(host.has(`os-upgrade/${file}`), file).toBe(false);
  });

  test.each([
    ['is not Ready', 'False|boot-2|Ubuntu 26.04 LTS'],
    ['is known by its old boot only', 'True|boot-1|Ubuntu 26.04 LTS'],
    ['is known by its old release only', 'True|boot-2|Ubuntu 25.10'],
    ['says nothing', ''],
  ])('does not end well while the node %s', (_, answer) => {
    const host = hostWith({
      release: '26.04',
      phase: 'rebooting boot-1',
      boot: 'boot-2',
      stubs: { kubectl: `printf '%s' '${answer}'` },
    });

    const outcome = run(host);

    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain('it stays cordoned');
    expect(host.has('os-upgrade/phase')).toBe(true);
  });

  test('begins to count again when the node was not Ready for a moment', () => {
    const kubectl = `read -r up _ <"$HOME/uptime"
if ((\${up%%.*} == 530)); then exit 1; fi
${WORKS.kubectl}`;

    const { status, calls } = run(
      hostWith({ release: '26.04', phase: 'rebooting boot-1', boot: 'boot-2', stubs: { kubectl } }),
    );

    expect(status).toBe(3);
    expect(calls.filter((call) => call === 'sleep 15')).toHaveLength(7);
  });
});
