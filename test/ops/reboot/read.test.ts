/** Objects as an API server returns them, read for a roll. */
import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import { jobName } from '../../../src/manifest/reboot-job-name.js';
import { BOOT_ANNOTATION, LEASE, MARK_ANNOTATION, ROLL_ANNOTATION } from '../../../src/ops/reboot/names.js';
import { type Looked, readSeen } from '../../../src/ops/reboot/read.js';
import { live } from '../../support/check-facts.js';

const NOTHING: Looked = {
  ...{ lease: null, nodes: [], pods: [], jobs: [], deployments: [], statefulSets: [], replicaSets: [], daemonSets: [] },
  leaders: [],
};
const seen = (looked: Partial<Looked>) => readSeen({ ...NOTHING, ...looked });
const owner = (kind: string, name: string) => ({ ownerReferences: [{ kind, name, controller: true }] });

describe('a node', () => {
  const read = (shape: Parameters<typeof live>[2]) => seen({ nodes: [live('Node', 'lamp', shape)] }).nodes[0];

  test('is a worker that is not Ready where nothing says otherwise', () => {
    expect(read({})).toMatchObject({ role: 'worker', ready: false, bootId: '', unschedulable: false, mark: null });
  });

  test.each(['node-role.kubernetes.io/control-plane', 'node.kubernetes.io/microk8s-controlplane'])(
    'is of the control plane by the label %s, whatever its value',
    (label) => {
      expect(read({ metadata: { labels: { [label]: '' } } })).toMatchObject({ role: 'control-plane' });
    },
  );

  test.each([
    ['True', true],
    ['False', false],
    ['Unknown', false],
  ])('whose condition Ready is %s is Ready: %s', (status, ready) => {
    const conditions = [
      { type: 'MemoryPressure', status: 'True' },
      { type: 'Ready', status },
    ];

    expect(read({ status: { conditions, nodeInfo: { bootID: 'b-1' } } })).toMatchObject({ ready, bootId: 'b-1' });
  });

  test('keeps each taint as it is, with what a later version may have added to none', () => {
    const taints = [
      { key: 'dedicated', value: 'media', effect: 'NoSchedule' },
      { key: 'selfheal.dev/planned-reboot', effect: 'PreferNoSchedule', timeAdded: '2026-06-05T08:00:00Z' },
    ];

    expect(read({ spec: { taints } })).toMatchObject({ taints });
  });

  test.each(['no JSON', '[]', '{}', '{"roll":"r","step":"fly","bootId":"b","cordoned":"by-us"}'])(
    'has an unreadable mark where its annotation is %s',
    (text) => {
      expect(read({ metadata: { annotations: { [MARK_ANNOTATION]: text } } })).toMatchObject({ mark: 'unreadable' });
    },
  );
});

describe('a pod', () => {
  const shape = (rest: Record<string, never> | object) => ({ ...rest }) as Parameters<typeof live>[2];
  const read = (rest: object, more: Partial<Looked> = {}) =>
    seen({ pods: [live('Pod', 'shop/cart-1', shape(rest))], ...more }).pods[0];

  test('belongs to the Deployment of its ReplicaSet, and to a ReplicaSet that nobody owns', () => {
    const metadata = owner('ReplicaSet', 'cart-5d');
    const set = (rest: object) => live('ReplicaSet', 'shop/cart-5d', shape(rest));

    expect(read({ metadata }, { replicaSets: [set({ metadata: owner('Deployment', 'cart') })] })?.owner).toEqual({
      ...{ kind: 'Deployment', name: 'cart' },
    });
    expect(read({ metadata }, { replicaSets: [set({})] })?.owner).toEqual({ kind: 'ReplicaSet', name: 'cart-5d' });
    expect(read({})?.owner).toBeNull();
  });

  test('is not taken for that of a Deployment of the same name in another namespace', () => {
    const other = live('ReplicaSet', 'other/cart-5d', shape({ metadata: owner('Deployment', 'wrong') }));

    expect(read({ metadata: owner('ReplicaSet', 'cart-5d') }, { replicaSets: [other] })?.owner).toEqual({
      ...{ kind: 'ReplicaSet', name: 'cart-5d' },
    });
  });

  test('belongs to the one of its owners that controls it', () => {
    const ownerReferences = [
      { kind: 'Node', name: 'lamp' },
      { kind: 'StatefulSet', name: 'db', controller: true },
    ];

    expect(read({ metadata: { ownerReferences } })?.owner).toEqual({ kind: 'StatefulSet', name: 'db' });
    expect(read({ metadata: { ownerReferences: ownerReferences.slice(0, 1) } })?.owner).toEqual({
      ...{ kind: 'Node', name: 'lamp' },
    });
    expect(read({ metadata: { ownerReferences: [{ kind: 'Node' }] } })?.owner).toBeNull();
  });

  test('is not ready where no condition says so, and has its labels', () => {
    const conditions = [{ type: 'Ready', status: 'False' }];

    expect(read({ status: { phase: 'Running' } })).toMatchObject({ ready: false, labels: new Map(), priority: 0 });
    expect(read({ metadata: { labels: { app: 'cart' } }, status: { phase: 'Running', conditions } })).toMatchObject({
      ...{ ready: false, labels: new Map([['app', 'cart']]) },
    });
  });

  test.each(['Succeeded', 'Failed'])('that has %s is completed, and not ready whatever its condition', (phase) => {
    const status = { phase, conditions: [{ type: 'Ready', status: 'True' }] };

    expect(read({ status })).toMatchObject({ completed: true, ready: false });
    expect(read({ status: { ...status, phase: 'Running' } })).toMatchObject({ completed: false, ready: true });
  });

  test.each([
    [{ status: 'False', reason: 'Unschedulable' }, true],
    [{ status: 'False', reason: 'SchedulingGated' }, false],
    [{ status: 'True' }, false],
  ])('with PodScheduled %j has no place to go to: %s', (condition, unplaced) => {
    expect(read({ status: { conditions: [{ type: 'PodScheduled', ...condition }] } })).toMatchObject({ unplaced });
    expect(read({ status: { conditions: [{ type: 'Ready', ...condition }] } })).toMatchObject({ unplaced: false });
  });

  test('is told by the beginnings of its containers and its mirror', () => {
    const read1 = read({
      metadata: { annotations: { 'kubernetes.io/config.mirror': 'x' }, deletionTimestamp: '2026-06-05T08:00:00Z' },
      spec: {
        nodeName: 'lamp',
        priority: 2_000_001_000,
      },
      status: { containerStatuses: [{ containerID: 'containerd://0123456789abcdef' }, { name: 'not begun' }] },
    });

    expect(read1).toMatchObject({ node: 'lamp', mirror: true, terminating: true, priority: 2_000_001_000 });
    expect(read1).toMatchObject({ containers: ['0123456789ab'] });
  });
});

describe('a Job of a roll', () => {
  const annotations = { [ROLL_ANNOTATION]: 'r-1', [BOOT_ANNOTATION]: 'b-1' };
  const job = (status = {}, metadata = {}) =>
    live('Job', 'kube-system/selfheal-reboot-lamp', { metadata: { annotations, ...metadata }, status });
  const pod = (status: object, phase = 'Running') =>
    live('Pod', 'kube-system/selfheal-reboot-lamp-x', {
      metadata: { annotations, ...owner('Job', 'selfheal-reboot-lamp') },
      status: { phase, containerStatuses: [status] },
    } as Parameters<typeof live>[2]);
  const ended = (exitCode: number, message = '') => ({ state: { terminated: { exitCode, message } } });
  const read = (...pods: readonly LiveObject[]) => seen({ jobs: [job()], pods }).jobs[0];

  test('waits while no container of it has begun, and says why', () => {
    expect(read()).toMatchObject({ node: 'lamp', roll: 'r-1', bootId: 'b-1', progress: 'waiting', going: false });
    expect(read(pod({ state: { waiting: { reason: 'ImagePullBackOff' } } }, 'Pending'))).toMatchObject({
      ...{ progress: 'waiting', said: 'ImagePullBackOff' },
    });
  });

  test.each([
    [0, 'begun'],
    [1, 'refused'],
    [2, 'refused'],
    [4, 'begun'],
    [137, 'begun'],
  ])('whose container ended with %i has %s', (exitCode, progress) => {
    expect(read(pod(ended(exitCode, 'first line\nlast words\n'), 'Failed'))).toMatchObject({
      ...{ progress, said: 'last words' },
    });
  });

  test('may reboot the host at any moment where one pod refused and another runs', () => {
    expect(read(pod(ended(1), 'Failed'), pod({ state: { running: {} } }))).toMatchObject({ progress: 'begun' });
  });

  test('may have done anything where a pod that was counted is gone, or ended without a container', () => {
    expect(seen({ jobs: [job({ failed: 1 })] }).jobs).toMatchObject([{ progress: 'begun' }]);
    expect(seen({ jobs: [job({ failed: 2 })], pods: [pod(ended(1), 'Failed')] }).jobs).toMatchObject([
      { progress: 'begun' },
    ]);
    expect(seen({ jobs: [job({ succeeded: 1 })] }).jobs).toMatchObject([{ progress: 'begun' }]);
    const lost = live('Pod', 'kube-system/selfheal-reboot-lamp-x', {
      metadata: owner('Job', 'selfheal-reboot-lamp'),
      status: { phase: 'Failed' },
    });
    expect(read(lost)).toMatchObject({ progress: 'begun' });
  });

  test('has refused where each pod that was counted did, whatever the pods of other Jobs do', () => {
    const other = live('Pod', 'kube-system/import-x', {
      metadata: owner('Job', 'import'),
      status: { phase: 'Running', containerStatuses: [{ state: { running: {} } }] },
    });

    expect(seen({ jobs: [job({ failed: 1 })], pods: [pod(ended(1), 'Failed'), other] }).jobs).toMatchObject([
      { progress: 'refused' },
    ]);
    expect(read(other)).toMatchObject({ progress: 'waiting' });
  });

  test('is still there while its pod is, with what the pod says it is for', () => {
    expect(seen({ pods: [pod({ state: { running: {} } })] }).jobs).toEqual([
      {
        ...{ node: 'lamp', uid: null, roll: 'r-1', bootId: 'b-1', progress: 'begun', said: '', going: true },
      },
    ]);
  });

  test('is found by where its pods go where the name of its node does not fit into its own', () => {
    const node = 'node-of-a-provider-that-names-by-region-rack-and-slot-000001';
    const name = jobName(node);
    const placed = { spec: { template: { spec: { nodeName: node } } } };
    const of = live('Job', `kube-system/${name}`, { metadata: { annotations }, ...placed });
    const left = live('Pod', `kube-system/${name}-x`, {
      metadata: { annotations, ...owner('Job', name) },
      spec: { nodeName: node },
    });

    expect(seen({ jobs: [of] }).jobs).toMatchObject([{ node, uid: of.metadata.uid }]);
    expect(seen({ pods: [left] }).jobs).toMatchObject([{ node, uid: null }]);
  });

  test('is the one that its name says, wherever somebody lets its pods go', () => {
    const placed = { spec: { template: { spec: { nodeName: 'bulb' } } } };

    expect(seen({ jobs: [live('Job', 'kube-system/selfheal-reboot-lamp', placed)] }).jobs).toMatchObject([
      { node: 'lamp' },
    ]);
  });

  test('is not one of another name, nor a pod of that name in another namespace', () => {
    const others = [live('Job', 'kube-system/selfheal-gate-lamp')];
    const elsewhere = live('Pod', 'shop/x', { metadata: owner('Job', 'selfheal-reboot-lamp') });

    expect(seen({ jobs: others, pods: [elsewhere] }).jobs).toEqual([]);
  });
});

describe('a workload', () => {
  test.each([
    ['Deployment', { spec: { replicas: 3 } }, 3],
    ['Deployment', { spec: { replicas: 0 } }, 0],
    ['Deployment', {}, 1],
    ['DaemonSet', { status: { desiredNumberScheduled: 5 } }, 5],
  ] as const)('%s %o wants %i', (kind, rest, desired) => {
    const object = live(kind, 'shop/cart', rest);

    expect(seen(kind === 'DaemonSet' ? { daemonSets: [object] } : { deployments: [object] }).workloads).toEqual([
      { kind, namespace: 'shop', name: 'cart', desired },
    ]);
  });

  test('is a ReplicaSet only where nobody owns it', () => {
    const sets = [live('ReplicaSet', 'shop/own'), live('ReplicaSet', 'shop/a', { metadata: owner('Deployment', 'b') })];

    expect(seen({ replicaSets: sets }).workloads.map(({ name }) => name)).toEqual(['own']);
  });
});

test('a Lease that does not say how long it lasts lasts a minute', () => {
  expect(
    seen({ lease: live('Lease', `${LEASE.namespace}/${LEASE.name}`, { spec: { holderIdentity: 'me' } }) }),
  ).toMatchObject({ lease: { holder: 'me', durationMs: 60_000, roll: null } });
});

test('no time of day is read: where the clocks are set, the same is seen', () => {
  const at = (hours: number) => {
    const time = new Date(Date.UTC(2026, 5, 5, 8 + hours)).toISOString();
    const times = { creationTimestamp: time, deletionTimestamp: time };
    return seen({
      lease: live('Lease', `${LEASE.namespace}/${LEASE.name}`, {
        metadata: { annotations: { [ROLL_ANNOTATION]: 'x' }, creationTimestamp: time },
        spec: { holderIdentity: 'me', leaseDurationSeconds: 60, acquireTime: time, renewTime: time },
      }),
      nodes: [
        live('Node', 'lamp', {
          metadata: { creationTimestamp: time },
          status: {
            conditions: [{ type: 'Ready', status: 'True', lastHeartbeatTime: time, lastTransitionTime: time }],
          },
        }),
      ],
      pods: [
        live('Pod', 'shop/cart-1', {
          metadata: times,
          status: { startTime: time, conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: time }] },
        }),
      ],
      jobs: [
        live('Job', 'kube-system/selfheal-reboot-lamp', { metadata: times, status: { startTime: time, failed: 1 } }),
      ],
    });
  };

  expect(at(0)).toMatchObject({
    lease: { holder: 'me', durationMs: 60_000, roll: 'unreadable' },
    nodes: [{ ready: true }],
    pods: [{ ready: true, terminating: true }],
    jobs: [{ progress: 'begun', going: true }],
  });
  expect([at(-3), at(3)]).toEqual([at(0), at(0)]);
});
