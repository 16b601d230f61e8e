/** The checks that judge hosts by their reports. */
import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import { calicoRestartedCheck } from '../../../src/ops/check/checks/calico-restarted.js';
import { certificatesCheck } from '../../../src/ops/check/checks/certificates.js';
import { clusterIpRulesCheck } from '../../../src/ops/check/checks/cluster-ip-rules.js';
import { datastoreCheck } from '../../../src/ops/check/checks/datastore.js';
import { hostClockCheck } from '../../../src/ops/check/checks/host-clock.js';
import { hostDiskCheck } from '../../../src/ops/check/checks/host-disk.js';
import { rebootPendingCheck } from '../../../src/ops/check/checks/reboot-pending.js';
import { sandboxNamesCheck } from '../../../src/ops/check/checks/sandbox-names.js';
import { watchdogBudgetCheck } from '../../../src/ops/check/checks/watchdog-budget.js';
import type { HealthCheck } from '../../../src/ops/check/facts.js';
import type { HostReport } from '../../../src/ops/check/host-report.js';
import { failure, live, lookOf, NOW, pod } from '../../support/check-facts.js';
import { homelab, parsed, pvek8s } from '../../support/clusters.js';
import { FULL_K3S_SPEC } from '../../support/full-clusters.js';

const BOOTED = 5_000;
const WELL: HostReport = {
  report: 1,
  node: 'k8s02',
  bootId: 'b',
  uptimeSeconds: BOOTED,
  epochSeconds: NOW / 1_000,
  clockSynchronized: true,
  clusterIpRules: 'present',
  calicoBeforeBoot: null,
  sandboxNamesReserved: 0,
  datastore: { locked: 3, canceled: 7 },
  watchdog: { budgetLeft: 1, held: false, silentSeconds: 300 },
  disks: [{ path: '/', freePercent: 15, readOnly: false }],
  rebootRequired: false,
  pending: [],
  runningKernel: '5.4.0-229-generic',
  newestKernel: '5.4.0-229-generic',
  certificates: [{ path: '/tls/a.crt', daysLeft: 14 }],
};
const NOTHING_TOLD: Partial<HostReport> = {
  clockSynchronized: null,
  clusterIpRules: null,
  sandboxNamesReserved: null,
  datastore: null,
  watchdog: { budgetLeft: null, held: null, silentSeconds: 9 },
  disks: null,
  pending: null,
  certificates: null,
  epochSeconds: null,
};

const NODES = ['k8s01', 'k8s02', 'k8s03'];
const calico = (node: string, started: number) =>
  pod(`kube-system/calico-node-${node}`, {
    node,
    labels: { 'k8s-app': 'calico-node' },
    status: {
      containerStatuses: [
        { name: 'calico-node', state: { running: { startedAt: new Date(NOW + started * 1_000).toISOString() } } },
      ],
    },
  });
const lease = (node: string, seconds: number) =>
  live('Lease', `kube-node-lease/${node}`, { spec: { renewTime: new Date(NOW + seconds * 1_000).toISOString() } });
const ready = (name: string) => live('Node', name, { status: { conditions: [{ type: 'Ready', status: 'True' }] } });

interface World {
  readonly k8s02?: Partial<HostReport> | 'untold';
  readonly node?: string | null;
  /** Of k8s02, to now. */
  readonly renewed?: number;
  readonly calicoStarted?: number;
  readonly pods?: readonly LiveObject[];
  readonly nodes?: readonly LiveObject[];
  readonly leases?: readonly LiveObject[];
}

const answer = (
  check: HealthCheck,
  {
    k8s02 = {},
    node = null,
    renewed = -5,
    calicoStarted = -4_000,
    pods = NODES.map((name) => calico(name, name === 'k8s02' ? calicoStarted : -4_000)),
    nodes = NODES.map(ready),
    leases = NODES.map((name) => lease(name, name === 'k8s02' ? renewed : -5)),
  }: World,
) =>
  check.answer({
    ...lookOf(
      { cluster: pvek8s(), node },
      {
        nodes,
        leases,
        pods,
      },
    ),
    host: (name) => {
      if (name !== 'k8s02') return { ok: true, value: WELL };
      return k8s02 === 'untold' ? failure('no report') : { ok: true, value: { ...WELL, ...k8s02 } };
    },
  });

const OTHERS = [clusterIpRulesCheck, sandboxNamesCheck, datastoreCheck, hostClockCheck, calicoRestartedCheck];
const ALL = [hostDiskCheck, certificatesCheck, rebootPendingCheck];

describe.each([...OTHERS, ...ALL])('$id', (check) => {
  test('passes in one line where every host is well', () => {
    expect(answer(check, {})).toMatchObject([{ verdict: 'pass', next: '' }]);
  });

  test('cannot tell of a host without a report, or where its field is null', () => {
    expect(answer(check, { k8s02: 'untold' })).toMatchObject([{ verdict: 'unknown', found: 'no report' }]);
    expect(answer(check, { k8s02: NOTHING_TOLD }).map(({ verdict }) => verdict)).toEqual(['unknown']);
  });
});

test.each(OTHERS)('$id does not ask the host that is to go down, since a reboot may be what it needs', (check) => {
  expect(answer(check, { k8s02: 'untold', node: 'k8s02' })).toMatchObject([{ verdict: 'pass' }]);
});

test.each(ALL)('$id asks the host that is to go down too, since it may not come back', (check) => {
  expect(answer(check, { k8s02: 'untold', node: 'k8s02' })).toMatchObject([{ verdict: 'unknown' }]);
});

test.each([
  [clusterIpRulesCheck, { clusterIpRules: 'missing' }, 'rc-2', 'sudo snap restart microk8s.daemon-kubelite'],
  [sandboxNamesCheck, { sandboxNamesReserved: 1 }, 'rc-3', 'sudo snap restart microk8s.daemon-kubelite'],
  [
    datastoreCheck,
    { datastore: { locked: 0, canceled: 11 } },
    'datastore',
    'sudo snap restart microk8s.daemon-k8s-dqlite',
  ],
  [calicoRestartedCheck, { calicoBeforeBoot: true }, 'rc-2', 'delete pod calico-node-k8s02'],
] as const)('$id names the cause and its node', (check, k8s02, id, next) => {
  expect(answer(check, { k8s02 })).toMatchObject([
    { verdict: 'fail', cause: { id, node: 'k8s02' }, next: expect.stringContaining(next) },
  ]);
});

test.each([
  [-BOOTED - 6, {}, 'fail'],
  [-BOOTED - 5, {}, 'pass'],
  [-BOOTED - 6, { clockSynchronized: false }, 'unknown'],
  [-BOOTED - 6, { calicoBeforeBoot: false }, 'pass'],
])('calico-node started %i s from now, on a host that says %j: %s', (calicoStarted, k8s02, verdict) => {
  expect(answer(calicoRestartedCheck, { calicoStarted, k8s02 })).toMatchObject([{ verdict }]);
});

test('a clock that is off is said once of its host, how far and to which side', () => {
  expect(answer(hostClockCheck, { renewed: 90, k8s02: { clockSynchronized: null } })).toMatchObject([
    { verdict: 'fail', found: 'a clock that is 1 min 30 s ahead' },
  ]);
  expect(answer(hostClockCheck, { renewed: -170 })).toMatchObject([
    { verdict: 'fail', found: 'a clock that is at least 2 min behind' },
  ]);
  expect(answer(hostClockCheck, { renewed: 90, node: 'k8s02' })).toMatchObject([{ verdict: 'pass' }]);
});

test('a node that is not there says nothing of its clock', () => {
  expect(answer(hostClockCheck, { nodes: ['k8s01', 'k8s03'].map(ready) })).toMatchObject([
    { verdict: 'unknown', found: expect.stringMatching(/^a node that is not Ready/) },
  ]);
});

test.each([
  [60, 'pass'],
  [61, 'fail'],
  [-110, 'pass'],
  [-111, 'fail'],
])('a lease renewed %i s from now: %s', (renewed, verdict) => {
  expect(answer(hostClockCheck, { renewed })).toMatchObject([{ verdict }]);
});

test('a clock that nothing keeps, a full disk, a read-only one and a certificate that ends fail', () => {
  const disk = (freePercent: number, readOnly: boolean) => ({ disks: [{ path: '/', freePercent, readOnly }] });

  expect(answer(hostClockCheck, { k8s02: { clockSynchronized: false } })).toMatchObject([{ verdict: 'fail' }]);
  expect(answer(hostDiskCheck, { k8s02: disk(14, false) })).toMatchObject([{ verdict: 'fail' }]);
  expect(answer(hostDiskCheck, { k8s02: disk(90, true) })).toMatchObject([{ verdict: 'fail' }]);
  expect(answer(certificatesCheck, { k8s02: { certificates: [{ path: '/tls/a.crt', daysLeft: 13 }] } })).toMatchObject([
    { verdict: 'fail', found: '13 days left' },
  ]);
});

test('what waits for a reboot is told and fails nothing', () => {
  const k8s02 = { pending: ['kernel'], newestKernel: '5.4.0-231-generic' };

  expect(answer(rebootPendingCheck, { k8s02 })).toMatchObject([
    { verdict: 'pass', found: 'a reboot waits: kernel 5.4.0-231-generic is installed while 5.4.0-229-generic runs' },
  ]);
});

test.each([
  [{ budgetLeft: 1, held: false, silentSeconds: 300 }, ['pass']],
  [{ budgetLeft: 0, held: false, silentSeconds: 9 }, ['fail', 'fail']],
  [{ budgetLeft: 1, held: true, silentSeconds: 9 }, ['fail', 'fail']],
  [{ budgetLeft: null, held: null, silentSeconds: 9 }, ['unknown', 'unknown']],
  [{ budgetLeft: 1, held: null, silentSeconds: 9 }, ['unknown', 'unknown']],
  [{ budgetLeft: 1, held: false, silentSeconds: null }, ['fail', 'fail']],
])('a watchdog that says %j', (watchdog, verdicts) => {
  const cluster = homelab();
  const facts = {
    ...lookOf({ cluster }, {}),
    host: () => ({ ok: true, value: { ...WELL, watchdog, uptimeSeconds: 1_000_000 } }) as const,
  };

  expect(cluster.hosts.filter(({ rcuWatchdog }) => rcuWatchdog !== null).length).toBeGreaterThan(0);
  expect(watchdogBudgetCheck.answer(facts).map(({ verdict }) => verdict)).toEqual(verdicts);
});

describe('a watchdog in the form of a timer', () => {
  const full = parsed(FULL_K3S_SPEC);
  const cluster = { ...full, hosts: full.hosts.filter(({ rcuWatchdog }) => rcuWatchdog?.form === 'timer') };
  const described = cluster.hosts[0]?.rcuWatchdog;
  if (described?.form !== 'timer') throw new Error('expected a watchdog in the form of a timer');
  const silent = 5 * described.checkEvery.seconds;
  const first = described.startupGrace.seconds + silent;
  const judged = (uptimeSeconds: number | null, silentSeconds: number | null) => {
    const watchdog = { budgetLeft: 1, held: false, silentSeconds };
    const value = { ...WELL, uptimeSeconds, watchdog };
    const facts = { ...lookOf({ cluster }, {}), host: () => ({ ok: true, value }) as const };
    return [...new Set(watchdogBudgetCheck.answer(facts).map(({ verdict }) => verdict))];
  };

  test('cannot be told of while its first look may be to come, or where nobody says how long the host runs', () => {
    expect(judged(null, null)).toEqual(['unknown']);
    expect(judged(first, null)).toEqual(['unknown']);
    expect(judged(first + 1, null)).toEqual(['fail']);
  });

  test('is silent after five of its own looks', () => {
    expect(judged(1e6, silent)).toEqual(['pass']);
    expect(judged(1e6, silent + 1)).toEqual(['fail']);
  });
});

describe('a host that cannot be asked', () => {
  const asked = (kind: 'server' | 'unreachable') =>
    sandboxNamesCheck.answer({
      ...lookOf({ cluster: pvek8s() }, {}),
      host: () => ({ ok: false, failure: { kind, message: 'no' } }) as const,
    });

  test('is looked for by its pod', () => {
    expect(asked('server')[0]?.next).toMatch(/^kubectl -n kube-system get pods .*k8s01/);
  });

  test('is not, where it is the API server that does not answer', () => {
    expect(asked('unreachable')[0]?.next).toBe('ask again when the API server answers');
  });
});

describe('calico-node', () => {
  const others = ['k8s01', 'k8s03'].map((name) => calico(name, -4_000));
  const ends = (each: LiveObject): LiveObject => ({
    ...each,
    metadata: { ...each.metadata, deletionTimestamp: '2026-06-05T08:00:00Z' },
  });

  test.each<[string, readonly LiveObject[], string, RegExp]>([
    ['that is nowhere', [], 'unknown', /reports no pod of it/],
    ['that one host lacks', others, 'fail', /^none: nobody programs/],
    ['that is being replaced', [...others, ends(calico('k8s02', -4_000))], 'unknown', /being replaced/],
    [
      'that waits',
      [
        ...others,
        pod('kube-system/calico-node-k8s02', {
          node: 'k8s02',
          labels: { 'k8s-app': 'calico-node' },
          status: {
            containerStatuses: [{ name: 'calico-node', state: { waiting: { reason: 'CrashLoopBackOff' } } }],
          },
        }),
      ],
      'fail',
      /^CrashLoopBackOff$/,
    ],
  ])('%s', (_, pods, verdict, found) => {
    expect(answer(calicoRestartedCheck, { pods })).toMatchObject([{ verdict, found: expect.stringMatching(found) }]);
  });

  test('beside one that ends is judged by the one that stays', () => {
    const pods = [...others, ends(calico('k8s02', -9_000)), calico('k8s02', -4_000)];

    expect(answer(calicoRestartedCheck, { pods, k8s02: { calicoBeforeBoot: null } })).toMatchObject([
      { verdict: 'pass' },
    ]);
  });
});

describe('the clock of a host', () => {
  test('cannot be told of a node that is not Ready, whatever its lease has', () => {
    const down = live('Node', 'k8s02', { status: { conditions: [{ type: 'Ready', status: 'False' }] } });

    expect(answer(hostClockCheck, { nodes: [ready('k8s01'), down, ready('k8s03')], renewed: 500 })).toMatchObject([
      { verdict: 'unknown', found: expect.stringMatching(/^a node that is not Ready/) },
    ]);
  });

  test("is not read from another's lease of the same name", () => {
    const other = live('Lease', 'kube-system/k8s02', { spec: { renewTime: new Date(NOW).toISOString() } });

    expect(
      answer(hostClockCheck, { leases: [other, ...['k8s01', 'k8s03'].map((name) => lease(name, -5))] }),
    ).toMatchObject([{ verdict: 'unknown', found: expect.stringMatching(/^no Lease in kube-node-lease/) }]);
  });
});

test.each<[string, HealthCheck, Partial<HostReport>]>([
  ['no certificate', certificatesCheck, { certificates: [] }],
  ['a certificate without an end', certificatesCheck, { certificates: [{ path: '/tls/a.crt', daysLeft: null }] }],
  ['no disk', hostDiskCheck, { disks: [] }],
  ['a disk that may be read-only', hostDiskCheck, { disks: [{ path: '/', freePercent: 90, readOnly: null }] }],
  ['a disk of unknown room', hostDiskCheck, { disks: [{ path: '/', freePercent: null, readOnly: false }] }],
])('%s is unknown, never well', (_, check, k8s02) => {
  expect(answer(check, { k8s02 })).toMatchObject([{ verdict: 'unknown' }]);
});

test.each([[{ locked: 11, canceled: 0 }], [{ locked: 0, canceled: 11 }], [{ locked: 5, canceled: 6 }]])(
  'a datastore with %j lines fails',
  (datastore) => {
    expect(answer(datastoreCheck, { k8s02: { datastore } })).toMatchObject([{ verdict: 'fail' }]);
  },
);

describe('whose reports are read', () => {
  const well = { ok: true, value: WELL } as const;

  test('none of hosts that are no longer described, which is no pass', () => {
    const cluster = pvek8s();
    const hosts = cluster.hosts.map((group) => ({ ...group, state: 'absent' as const }));

    expect(
      sandboxNamesCheck.answer({ ...lookOf({ cluster: { ...cluster, hosts } }, {}), host: () => well }),
    ).toMatchObject([{ verdict: 'unknown', found: 'none of those that are described is reported on' }]);
  });

  test('none where the one host is to go down', () => {
    const cluster = pvek8s();
    const hosts = cluster.hosts.map((group) => ({
      ...group,
      nodes: group.nodes.filter(({ name }) => name === 'k8s02'),
    }));

    expect(
      sandboxNamesCheck.answer({
        ...lookOf({ cluster: { ...cluster, hosts }, node: 'k8s02' }, {}),
        host: () => failure('no report'),
      }),
    ).toMatchObject([{ verdict: 'pass', found: 'none but k8s02, which is to go down' }]);
  });
});
