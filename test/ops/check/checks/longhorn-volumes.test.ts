import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { longhornRebuiltCheck, longhornVolumesCheck } from '../../../../src/ops/check/checks/longhorn-volumes.js';
import type { KindName } from '../../../../src/ops/check/facts.js';
import { failure, live, lookOf } from '../../../support/check-facts.js';
import { homelab } from '../../../support/clusters.js';

const NS = 'longhorn-system';
type Fields = { readonly [key: string]: Json };

const replica = (node: string, spec: Fields = {}, status: Fields = {}): LiveObject =>
  live('Replica', `${NS}/v1-r-${node}`, {
    spec: { volumeName: 'v1', nodeID: node, healthyAt: '2026-01-01T00:00:00Z', failedAt: '', ...spec },
    status: { currentState: 'running', ...status },
  });

const volume = (status: Fields = {}, name = 'v1'): LiveObject =>
  live('Volume', `${NS}/${name}`, {
    status: {
      state: 'attached',
      robustness: 'healthy',
      currentNodeID: 'ultron',
      kubernetesStatus: {
        namespace: 'media',
        pvcName: 'films',
        lastPodRefAt: '',
        workloadsStatus: [{ podName: 'player-0' }],
      },
      ...status,
    },
  });

const engine = (modes: Fields, rebuildStatus: Fields = {}): LiveObject =>
  live('Engine', `${NS}/v1-e-0`, { spec: { volumeName: 'v1' }, status: { replicaModeMap: modes, rebuildStatus } });

const FAILED = { failedAt: '2026-06-01T00:00:00Z' };
const DETACHED = { state: 'detached', robustness: 'unknown', currentNodeID: '' };

const BOTH = [replica('jarvis'), replica('ultron')];
const RW: Fields = { 'v1-r-jarvis': 'RW', 'v1-r-ultron': 'RW' };

interface World {
  readonly volumes?: readonly LiveObject[];
  readonly replicas?: readonly LiveObject[];
  readonly engines?: readonly LiveObject[];
  readonly policy?: string | null;
  readonly nodes?: readonly LiveObject[];
  readonly settings?: readonly LiveObject[];
  readonly node?: string | null;
}

const answer = (world: World) => longhornVolumesCheck.answer(factsOf(world));

const factsOf = ({
  volumes = [volume()],
  replicas = BOTH,
  engines = [engine(RW)],
  policy = 'block-if-contains-last-replica',
  nodes = [live('Node', `${NS}/jarvis`)],
  settings = policy === null ? [] : [live('Setting', `${NS}/node-drain-policy`, { value: policy })],
  node = null,
}: World) =>
  lookOf(
    { cluster: homelab(), node },
    {
      longhornVolumes: volumes,
      longhornReplicas: replicas,
      longhornEngines: engines,
      longhornNodes: nodes,
      longhornSettings: settings,
    },
  );

test.each([null, 'jarvis', 'ultron'])('a whole volume with a replica on each node is well (without %s)', (node) => {
  expect(answer({ node }).map(({ verdict }) => verdict)).toEqual(['pass']);
});

test('the only healthy replica on the node is named with volume and claim', () => {
  const one = {
    volumes: [volume({ robustness: 'degraded' })],
    replicas: [replica('jarvis', { failedAt: '2026-06-01T00:00:00Z' }), replica('ultron')],
  };

  expect(answer({ ...one, node: 'ultron' })).toEqual([
    expect.objectContaining({
      verdict: 'fail',
      subject: `Volume ${NS}/v1 (claim media/films)`,
      expected: 'a healthy replica elsewhere than on ultron',
      found: 'the only one is on ultron (attached)',
    }),
  ]);
  expect(answer({ ...one, node: 'jarvis' })[0]?.verdict).toBe('pass');
  expect(answer(one)[0]).toMatchObject({ verdict: 'fail', found: 'degraded: 1 healthy replica' });
});

test.each([
  ['its engine has given up', { engines: [engine({ ...RW, 'v1-r-jarvis': 'ERR' })] }],
  ['its engine does not know', { engines: [engine({ 'v1-r-ultron': 'RW' })] }],
  ['that does not run', { replicas: [replica('jarvis', {}, { currentState: 'stopped' }), replica('ultron')] }],
  [
    'that is being deleted',
    {
      replicas: [
        live('Replica', `${NS}/v1-r-jarvis`, {
          ...replica('jarvis'),
          metadata: { deletionTimestamp: '2026-06-01T00:00:00Z' },
        }),
        replica('ultron'),
      ],
    },
  ],
  ['of another volume', { replicas: [replica('jarvis', { volumeName: 'v2' }), replica('ultron')] }],
])('a replica %s does not count', (_, world) => {
  expect(answer({ ...world, node: 'ultron' })[0]).toMatchObject({
    verdict: 'fail',
    found: 'the only one is on ultron (attached)',
  });
});

describe('with three replicas, one of which is not back', () => {
  const three = {
    volumes: [volume({ robustness: 'degraded' })],
    replicas: [
      replica('jarvis', { failedAt: '2026-06-01T00:00:00Z' }, { currentState: 'stopped' }),
      replica('ultron'),
      replica('shed'),
    ],
    engines: [engine({ 'v1-r-jarvis': 'ERR', 'v1-r-ultron': 'RW', 'v1-r-shed': 'RW' })],
  };

  test('no other one goes', () => {
    expect(answer({ ...three, node: 'ultron' })[0]).toMatchObject({
      verdict: 'fail',
      expected: 'every replica elsewhere than on ultron running',
      found: 'robustness degraded, and none runs on jarvis',
    });
  });

  test('its own node may go: that may be what it needs', () => {
    expect(answer({ ...three, node: 'jarvis' })[0]?.verdict).toBe('pass');
  });

  test.each([
    ['has been replaced by another', { volumes: [volume()] }],
    ['was never placed', { replicas: [replica('', { healthyAt: '' }), replica('ultron'), replica('shed')] }],
    [
      'is being deleted',
      {
        replicas: [
          live('Replica', `${NS}/v1-r-jarvis`, {
            ...replica('jarvis'),
            metadata: { deletionTimestamp: '2026-06-01T00:00:00Z' },
          }),
          replica('ultron'),
          replica('shed'),
        ],
      },
    ],
    ['is of a volume that is detached', { volumes: [volume(DETACHED)] }],
  ])('one that %s holds nobody', (_, world) => {
    expect(answer({ ...three, ...world, node: 'ultron' })[0]?.verdict).toBe('pass');
  });
});

test.each([
  ['mode WO', [engine({ ...RW, 'v1-r-jarvis': 'WO' })]],
  ['a rebuild', [engine(RW, { 'tcp://10.0.0.1:10000': { isRebuilding: true } })]],
])('nobody goes during %s', (_, engines) => {
  const three = [...BOTH, replica('shed')];

  expect(
    answer({ engines: [...engines, engine({ 'v1-r-shed': 'RW' })], replicas: three, node: 'ultron' })[0],
  ).toMatchObject({
    verdict: 'fail',
    expected: 'no replica that is being filled',
  });
});

const stopped = (node: string, spec: Fields = {}) => replica(node, spec, { currentState: 'stopped' });

test('a detached volume has its data where its replicas last were healthy', () => {
  const detached = { volumes: [volume(DETACHED)], engines: [] };

  expect(answer({ ...detached, replicas: [stopped('jarvis'), stopped('ultron')], node: 'ultron' })[0]?.verdict).toBe(
    'pass',
  );
  expect(answer({ ...detached, replicas: [stopped('ultron')], node: 'ultron' })[0]).toMatchObject({
    verdict: 'fail',
    found: 'the only one is on ultron (detached)',
  });
  expect(answer({ ...detached, replicas: [stopped('ultron')] })[0]?.verdict).toBe('pass');
});

test('one that was never written to may go with its node', () => {
  expect(
    answer({
      volumes: [volume(DETACHED)],
      engines: [],
      replicas: [stopped('ultron', { healthyAt: '' })],
      node: 'ultron',
    })[0]?.verdict,
  ).toBe('pass');
});

test('a faulted volume, and one without a healthy replica, are told', () => {
  expect(answer({ volumes: [volume({ ...DETACHED, robustness: 'faulted' })] })[0]?.verdict).toBe('fail');
  expect(answer({ replicas: [] })[0]).toMatchObject({
    verdict: 'fail',
    found: 'none is healthy (attached, robustness healthy)',
  });
});

test.each([
  ['attaching', { state: 'attaching' }],
  ['nothing', { state: '' }],
])('a volume in state %s cannot be judged', (state, status) => {
  expect(answer({ volumes: [volume(status)] })[0]).toMatchObject({ verdict: 'unknown' });
  expect(answer({ volumes: [volume(status)] })[0]?.found).toContain(`in state ${state}:`);
});

test('a robustness that Longhorn does not know is not taken for whole', () => {
  expect(answer({ volumes: [volume({ robustness: 'unknown' })] })[0]?.verdict).toBe('unknown');
});

test.each([
  ['without a pod', { workloadsStatus: null, lastPodRefAt: '' }],
  ['whose pods are history', { workloadsStatus: [{ podName: 'player-0' }], lastPodRefAt: '2026-06-01T00:00:00Z' }],
])('a volume that is attached to the node %s holds the drain', (_, kubernetesStatus) => {
  const volumes = [volume({ kubernetesStatus })];

  expect(answer({ volumes, node: 'ultron' })).toEqual([
    expect.objectContaining({ verdict: 'fail', subject: 'drain of node ultron' }),
  ]);
  expect(answer({ volumes, node: 'jarvis' })[0]?.verdict).toBe('pass');
  expect(answer({ volumes })[0]?.verdict).toBe('pass');
});

test('a drain policy that waits for all replicas to move holds a node that has some', () => {
  expect(answer({ policy: 'block-for-eviction', node: 'ultron' })[0]?.found).toBe(
    'block-for-eviction: the drain waits until Longhorn has moved 1 replica elsewhere',
  );
  expect(answer({ policy: 'block-for-eviction', node: 'shed' })[0]?.verdict).toBe('pass');
  expect(answer({ policy: 'always-allow', node: 'ultron' })[0]?.verdict).toBe('pass');
});

test('a drain policy that is not there is unknown, where it matters', () => {
  expect(answer({ policy: null, node: 'ultron' }).map(({ verdict }) => verdict)).toEqual(['unknown']);
  expect(answer({ policy: null })[0]?.verdict).toBe('pass');
});

test('a volume that is being deleted, and those of another namespace, are not looked at', () => {
  const gone = live('Volume', `${NS}/v1`, {
    ...volume({ robustness: 'faulted' }),
    metadata: { deletionTimestamp: '2026-06-01T00:00:00Z' },
  });

  expect(answer({ volumes: [gone] })[0]?.found).toBe('there is none');
  expect(answer({ volumes: [live('Volume', 'other/v1')] })[0]?.verdict).toBe('pass');
});

const KINDS: readonly KindName[] = [
  'longhornVolumes',
  'longhornReplicas',
  'longhornEngines',
  'longhornNodes',
  'longhornSettings',
];

test.each(KINDS)('%s that cannot be listed leave it unknown', (kind) => {
  const known = Object.fromEntries(
    KINDS.map((each) => [each, each === kind ? failure('403') : [live('Node', `${NS}/jarvis`)]]),
  );

  expect(longhornVolumesCheck.answer(lookOf({ cluster: homelab() }, known))).toEqual([
    expect.objectContaining({ verdict: 'unknown', found: '403' }),
  ]);
});

test('settings and nodes of another namespace are not those of this Longhorn', () => {
  const other = live('Setting', 'other/node-drain-policy', { value: 'always-allow' });

  const another = live('Setting', `${NS}/backup-target`, { value: 'always-allow' });

  expect(answer({ settings: [other], node: 'ultron' })).toMatchObject([{ verdict: 'unknown' }]);
  expect(answer({ settings: [another], node: 'ultron' })).toMatchObject([{ verdict: 'unknown' }]);
  expect(answer({ nodes: [live('Node', 'other/jarvis')] })).toMatchObject([{ verdict: 'unknown' }]);
});

test('a volume that Longhorn itself is deleting is not judged', () => {
  expect(answer({ volumes: [volume({ state: 'deleting' })] })).toMatchObject([{ verdict: 'pass' }]);
});

test('a detached volume whose replicas have all failed has lost its data, whoever asks', () => {
  const lost = {
    volumes: [volume(DETACHED)],
    engines: [],
    replicas: [stopped('ultron', { failedAt: '2026-06-01T00:00:00Z' })],
  };

  for (const node of [null, 'jarvis'])
    expect(answer({ ...lost, node })).toMatchObject([
      { verdict: 'fail', found: 'none is healthy (detached, robustness unknown)' },
    ]);
});

test.each([
  ['has failed before it ever had the data', [stopped('ultron', { healthyAt: '', failedAt: '2026-06-01T00:00:00Z' })]],
  ['has failed beside one that never had it', [stopped('jarvis', { healthyAt: '' }), stopped('ultron', FAILED)]],
])('a detached volume is not one that was never written to where a replica %s', (_, replicas) => {
  expect(answer({ volumes: [volume(DETACHED)], engines: [], replicas })).toMatchObject([{ verdict: 'fail' }]);
});

test('a replica that has failed keeps no detached volume, wherever it is', () => {
  const replicas = [stopped('ultron'), stopped('jarvis', FAILED)];

  expect(answer({ volumes: [volume(DETACHED)], engines: [], replicas, node: 'ultron' })).toMatchObject([
    { verdict: 'fail', expected: 'a healthy replica elsewhere than on ultron' },
  ]);
});

test('a replica on a node without a name is none elsewhere', () => {
  const replicas = [replica('jarvis', { nodeID: '' })];

  expect(answer({ replicas, node: 'ultron' })).toMatchObject([
    { verdict: 'fail', found: 'one on a node that Longhorn does not name' },
  ]);
});

test('a Longhorn that knows no node does not run', () => {
  const none = Object.fromEntries(KINDS.map((each) => [each, []]));

  expect(longhornVolumesCheck.answer(lookOf({ cluster: homelab() }, none))[0]?.verdict).toBe('unknown');
});

describe('whether a node that is back has its replicas again', () => {
  const rebuilt = (world: World) => longhornRebuiltCheck.answer(factsOf(world));
  const degraded = [volume({ robustness: 'degraded' })];

  test('it has where all run', () => {
    expect(rebuilt({})).toMatchObject([{ verdict: 'pass' }]);
  });

  test.each([
    ['is not back', { replicas: [replica('jarvis', {}, { currentState: 'stopped' }), replica('ultron')] }],
    ['is being filled', { engines: [engine({ ...RW, 'v1-r-jarvis': 'WO' })] }],
    ['is still being rebuilt', { engines: [engine(RW, { 'tcp://192.0.2.1': { isRebuilding: true } })] }],
  ])('it has not where one %s', (_, world) => {
    expect(rebuilt({ volumes: degraded, ...world })).toMatchObject([{ verdict: 'fail' }]);
  });

  test('a volume that is degraded and awaits none was so before', () => {
    const replicas = [...BOTH, replica('', { healthyAt: '' })];

    expect(rebuilt({ volumes: degraded, replicas })).toMatchObject([{ verdict: 'pass' }]);
    expect(answer({ volumes: degraded, replicas })).toMatchObject([{ verdict: 'fail' }]);
  });

  test.each([
    ['faulted', 'fail'],
    ['unknown', 'unknown'],
  ])('a volume that is %s is none that was so before: %s', (robustness, verdict) => {
    expect(rebuilt({ volumes: [volume({ robustness })] })).toMatchObject([{ verdict }]);
  });

  test('it cannot be told without the volumes', () => {
    const facts = { ...factsOf({}), of: () => failure('403') };

    expect(longhornRebuiltCheck.answer(facts)).toMatchObject([{ verdict: 'unknown', found: '403' }]);
  });
});
