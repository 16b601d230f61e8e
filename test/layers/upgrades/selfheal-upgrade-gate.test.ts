import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { type FakeHost, fakeHost } from '../../support/fake-host.js';
import { describeWith } from '../../support/tools.js';

const SCRIPT = fileURLToPath(new URL('../../../src/layers/upgrades/scripts/selfheal-upgrade-gate.sh', import.meta.url));

const REAL = ['env', 'timeout', 'sed', 'mkdir', 'cat'];

/** Time passes only while the script sleeps; a file `tick` may change the world meanwhile. */
const SLEEP = `read -r up _ <"$HOME/uptime"
printf '%s.00 1.00\\n' "$((\${up%%.*} + $1))" >"$HOME/uptime"
[[ ! -e $HOME/tick ]] || source "$HOME/tick"`;

const KUBECTL = `case $* in
'get node '*) cat "$HOME/node-$3" ;;
*'get lease'*) cat "$HOME/lease" ;;
*) cat "$HOME/plan" ;;
esac`;

const MARK = 'd00d';
const READY = 'True||boot-a||Ubuntu 25.10';
const UPGRADED = `True||boot-b|${MARK}|Ubuntu 26.04.1 LTS`;

/** As it stands on the Lease. */
const roll = (why: string | null, step = 'lock'): string =>
  JSON.stringify({ id: 'f00d', nodes: ['ultron'], stopped: why && { node: 'ultron', step, why } });

interface World {
  readonly release?: string;
  readonly nodes?: Readonly<Record<string, string>>;
  readonly plan?: string | null;
  /** Null: it cannot be read; nothing is said of one that is not there. */
  readonly lease?: string | null;
  readonly date?: string;
  readonly tick?: string;
}

function hostWith({
  release = '25.10',
  nodes = {},
  plan = MARK,
  lease = '',
  date = 'Saturday 10:00',
  tick,
}: World): FakeHost {
  const host = fakeHost(REAL, { kubectl: KUBECTL, sleep: SLEEP, date: `printf '%s\\n' '${date}'` });
  host.write('os-release', `NAME="Ubuntu"\nVERSION_ID="${release}"\n`);
  host.write('uptime', '1000.50 1.00\n');
  for (const [name, line] of Object.entries({ jarvis: READY, ultron: UPGRADED, ...nodes }))
    host.write(`node-${name}`, line);
  if (plan !== null) host.write('plan', plan);
  if (lease !== null) host.write('lease', lease);
  if (tick !== undefined) host.write('tick', tick);
  return host;
}

const envOf = (host: FakeHost): Readonly<Record<string, string>> => ({
  GATE_SELF: 'jarvis',
  GATE_RELEASE: '26.04',
  GATE_KUBECTL: 'kubectl',
  GATE_DAYS: 'saturday,sunday',
  GATE_FROM: '09:00',
  GATE_UNTIL: '15:00',
  GATE_TIME_ZONE: 'America/Edmonton',
  GATE_OTHERS: 'jarvis,ultron',
  GATE_FIRST: 'ultron',
  GATE_FIRST_PLAN: 'system-upgrade/os-upgrade-workers',
  GATE_SETTLE_SECONDS: '60',
  GATE_DEADLINE_SECONDS: '300',
  GATE_STATE: host.path('state'),
  GATE_OS_RELEASE: host.path('os-release'),
  GATE_UPTIME: host.path('uptime'),
});

const run = (host: FakeHost, env: Readonly<Record<string, string>> = {}) =>
  host.run(SCRIPT, { ...envOf(host), ...env });

const waited = ({ calls }: { calls: readonly string[] }) =>
  calls.filter((call) => call.startsWith('sleep')).length * 15;

describeWith(['bash'], 'selfheal-upgrade-gate.sh', () => {
  test.each([
    ['a node that cannot be read', { nodes: { ultron: '' } }, "node ultron: expected Ready, got ''"],
    ['a node that is not Ready', { nodes: { ultron: UPGRADED.replace('True', 'False') } }, "got 'False'"],
    ['a node of which nothing is known', { nodes: { ultron: UPGRADED.replace('True', 'Unknown') } }, "got 'Unknown'"],
    ['a node without a boot id', { nodes: { ultron: `True|||${MARK}|Ubuntu 26.04` } }, 'expected a boot id'],
    ['a node that somebody cordoned', { nodes: { ultron: UPGRADED.replace('||', '|true|') } }, 'ultron: is cordoned'],
    ['itself, cordoned by somebody', { nodes: { jarvis: READY.replace('||', '|true|') } }, 'jarvis: is cordoned'],
    ['the old release', { nodes: { ultron: `True||boot-b|${MARK}|Ubuntu 25.10` } }, 'expected Ubuntu 26.04'],
    [
      'a release that only begins alike',
      { nodes: { ultron: `True||b|${MARK}|Ubuntu 26.041` } },
      'expected Ubuntu 26.04',
    ],
    ['a Plan that is not done', { nodes: { ultron: 'True||boot-b||Ubuntu 26.04 LTS' } }, 'has not finished Plan'],
    ['the mark of an earlier Plan', { nodes: { ultron: 'True||boot-b|beef|Ubuntu 26.04 LTS' } }, 'has not finished'],
    ['a roll that cannot be told of', { lease: null }, 'lease kube-system/selfheal-reboot: cannot be read'],
    ['a roll at work', { lease: `me@desk/1|${roll(null)}` }, 'a roll of reboots is at work, or was stopped: me@desk/1'],
    ['a roll at work that a check stops', { lease: `me@desk/1|${roll('no', 'check')}` }, 'is at work'],
    ['a Lease that somebody else wrote', { lease: '|what' }, 'or was stopped'],
    [
      'a node that a roll has left marked',
      { nodes: { ultron: `${UPGRADED}|{"roll":"f00d"}` } },
      'node ultron: a roll of reboots works on it',
    ],
    ['a Plan that cannot be read', { plan: null }, 'plan system-upgrade/os-upgrade-workers: cannot be read'],
    ['a Plan without a mark', { plan: '' }, 'plan system-upgrade/os-upgrade-workers: cannot be read'],
  ])('does not let pass beside %s', (_, world, reason) => {
    const host = hostWith(world);

    const outcome = run(host);

    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain(reason);
    expect(waited(outcome)).toBe(300);
    expect(host.has('state/passed')).toBe(false);
  });

  test.each(['lock', 'drain', 'reboot', 'verify', 'settle'])(
    'does not let pass beside a roll that stopped at %s',
    (step) => {
      const host = hostWith({ lease: `|${roll('as "step":"check" was', step)}` });

      const outcome = run(host);

      expect(outcome.status).toBe(2);
      expect(outcome.stderr).toContain('or was stopped: selfheal reboot says where');
      expect(host.has('state/passed')).toBe(false);
    },
  );

  test('says what it waits for when that begins', () => {
    const cordoned = READY.replace('||', '|true|');
    const away = `case \${up%%.*} in
1045) printf '%s' '${READY}' >"$HOME/node-jarvis" ;;
1075) printf '%s' '${cordoned}' >"$HOME/node-jarvis" ;;
esac`;

    const { stdout } = run(hostWith({ nodes: { jarvis: cordoned }, tick: away }));

    expect(stdout.trimEnd().split('\n')).toEqual([
      'upgrade-gate: waits: node jarvis: is cordoned',
      'upgrade-gate: waits: nodes: well for less than 60 s',
      'upgrade-gate: waits: node jarvis: is cordoned',
    ]);
  });

  test('does not let pass while the API server does not answer', () => {
    const host = hostWith({});

    const outcome = run(host, { GATE_OTHERS: 'jarvis,ultron,friday' });

    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain('node friday: cannot be read');
  });

  test('begins to count again when a node reboots while it waits', () => {
    const reboot = `[[ \${up%%.*} != 1030 ]] || printf '%s' 'True||boot-c|${MARK}|Ubuntu 26.04 LTS' >"$HOME/node-ultron"`;

    const outcome = run(hostWith({ tick: reboot }));

    expect(outcome.status).toBe(0);
    expect(waited(outcome)).toBe(105);
  });

  test('begins to count again when a node was away for a moment', () => {
    const away = `case \${up%%.*} in
1015) printf '%s' 'Unknown||boot-b|${MARK}|Ubuntu 26.04 LTS' >"$HOME/node-ultron" ;;
1030) printf '%s' '${UPGRADED}' >"$HOME/node-ultron" ;;
esac`;

    const outcome = run(hostWith({ tick: away }));

    expect(outcome.status).toBe(0);
    expect(waited(outcome)).toBe(105);
  });

  test.each(['Friday 10:00', 'Saturday 08:59', 'Saturday 15:00', ''])('does not begin at %j', (date) => {
    const host = hostWith({ date });

    const outcome = run(host);

    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain('not saturday,sunday between 09:00 and 15:00');
    expect(host.has('state/passed')).toBe(false);
  });

  test.each(['Saturday 09:00', 'Sunday 14:59'])('begins at %s', (date) => {
    expect(run(hostWith({ date })).status).toBe(0);
  });

  test('lets pass beside a roll that has ended, or goes on another night', () => {
    expect(run(hostWith({ lease: `|${roll(null)}` })).status).toBe(0);
  });

  test('lets pass beside a roll that a check has stopped: it may wait for this very Job', () => {
    expect(run(hostWith({ lease: `|${roll('upgrades-at-work', 'check')}` })).status).toBe(0);
  });

  test('lets pass after everybody was well for the settling time, and remembers it', () => {
    const host = hostWith({});

    const outcome = run(host);

    expect(outcome.status).toBe(0);
    expect(waited(outcome)).toBe(60);
    expect(host.read('state/passed')).toBe('26.04\n');
  });

  test('a Job that it let pass comes through again, though it cordoned the node and the window has closed', () => {
    const host = hostWith({ nodes: { jarvis: READY.replace('||', '|true|') }, date: 'Saturday 16:00' });
    host.write('state/passed', '26.04\n');

    expect(run(host).status).toBe(0);
  });

  test('what it let pass for another release does not count', () => {
    const host = hostWith({ nodes: { jarvis: READY.replace('||', '|true|') } });
    host.write('state/passed', '25.10\n');

    expect(run(host).status).toBe(2);
  });

  test('a host on the target release is let through without a look', () => {
    const outcome = run(hostWith({ release: '26.04' }));

    expect(outcome).toMatchObject({ status: 0, calls: [] });
  });

  test('a host whose upgrade was cut short waits like one that has not begun', () => {
    const host = hostWith({ release: '26.04', nodes: { ultron: '' } });
    host.write('state/phase', 'upgrading\n');

    expect(run(host).status).toBe(2);
  });

  test('looks at each node once, and asks for marks only where a Plan goes first', () => {
    const { calls } = run(hostWith({}), { GATE_FIRST: '', GATE_FIRST_PLAN: '' });
    const asked = calls.filter((call) => call.startsWith('kubectl get node ')).slice(0, 2);

    expect(asked.map((call) => call.split(' ')[3])).toEqual(['jarvis', 'ultron']);
    expect(asked.join()).not.toContain('upgrade\\.cattle');
    expect(asked[0]).toContain('jsonpath={.status.conditions[?(@.type=="Ready")].status}|{.spec.unschedulable}|');
  });

  test('the mark of the Plan is read by its label', () => {
    const { calls } = run(hostWith({}));

    expect(calls).toContain(
      'kubectl -n system-upgrade get plans.upgrade.cattle.io os-upgrade-workers -o jsonpath={.status.latestHash}',
    );
    expect(calls.join()).toContain('{.metadata.labels.plan\\.upgrade\\.cattle\\.io/os-upgrade-workers}');
  });

  test.each([
    ['GATE_SELF', ''],
    ['GATE_SELF', '../x'],
    ['GATE_RELEASE', ''],
    ['GATE_KUBECTL', ''],
    ['GATE_DAYS', 'today'],
    ['GATE_FROM', '9'],
    ['GATE_TIME_ZONE', ''],
    ['GATE_OTHERS', 'a;b'],
    ['GATE_FIRST', 'friday'],
    ['GATE_FIRST_PLAN', ''],
    ['GATE_SETTLE_SECONDS', '0'],
    ['GATE_DEADLINE_SECONDS', '60'],
    ['GATE_STATE', 'relative'],
  ])('refuses %s=%j before it asks anybody', (name, value) => {
    const outcome = run(hostWith({}), { [name]: value });

    expect(outcome.status).toBe(1);
    expect(outcome.stderr).toContain(name);
    expect(outcome.calls).toEqual([]);
  });

  test('a host without an uptime waits for nothing', () => {
    const outcome = run(hostWith({}), { GATE_UPTIME: '/nonexistent' });

    expect(outcome.status).toBe(2);
    expect(outcome.stderr).toContain('uptime: cannot be read');
  });
});
