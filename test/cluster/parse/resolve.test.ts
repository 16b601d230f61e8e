import { describe, expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { parseCluster } from '../../../src/cluster/parse/cluster.js';
import type { K3sClusterSpec } from '../../../src/cluster/spec.js';
import { IMAGES, MICROK8S_COREDNS } from '../../../src/cluster/versions.js';
import { minimal, parsed } from '../../support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';

const PI = { timeZone: 'Europe/Vienna', architecture: 'arm64', board: 'raspberry-pi', bootLoader: 'piboot' } as const;
const twoPis = (sections: Partial<K3sClusterSpec>): Cluster =>
  parsed({
    name: 'attic',
    distribution: 'k3s',
    datastore: 'etcd',
    gitops: { repoUrl: 'https://git.example/attic.git' },
    nodes: {
      one: { ...PI, role: 'server', address: '192.0.2.1' },
      two: { ...PI, role: 'agent', address: '192.0.2.2' },
    },
    ...sections,
  });
const seconds = (count: number) => ({ seconds: count });

describe('a mitigation that nobody asked for is off', () => {
  const cluster = minimal();

  test.each(['longhorn', 'backup', 'dns', 'monitoring', 'upgrades', 'reachability', 'schedulerLease', 'jiva'] as const)(
    '%s is null',
    (key) => {
      expect(cluster[key]).toBeNull();
    },
  );

  test.each(['hosts', 'keepOff', 'networkPolicies'] as const)('%s is an empty list', (key) => {
    expect(cluster[key]).toEqual([]);
  });

  test('an entry of hosts that asks for nothing brings nothing', () => {
    expect(minimal({ hosts: [{ nodes: ['lamp'] }] }).hosts[0]).toMatchObject({
      rcuWatchdog: null,
      sandboxCleanup: null,
      hungTask: null,
      hardwareWatchdog: null,
      kernelArguments: [],
      moduleParameters: [],
    });
  });
});

describe('defaults', () => {
  test('of gitops', () => {
    expect(minimal().gitops).toEqual({
      repoUrl: 'https://git.example/attic.git',
      revision: 'main',
      path: 'dist/attic',
      namespace: 'argocd',
      applicationPrefix: 'selfheal-',
    });
  });

  const WATCHDOG = {
    burst: { stalls: 10, within: seconds(120) },
    sustained: { stalls: 10, within: seconds(900) },
    startupGrace: seconds(1_200),
    maxRebootsInARow: 3,
    healthyAfter: seconds(21_600),
    peerPort: 9847,
  };

  test('of the RCU watchdog read along, with thresholds of its third version', () => {
    expect(twoPis({ hosts: [{ nodes: ['one'], rcuWatchdog: {} }] }).hosts[0]?.rcuWatchdog).toEqual({
      ...WATCHDOG,
      form: 'stream',
      stuck: seconds(180),
      chronic: { stalls: 100, within: seconds(21_600), action: 'alert' },
      blackHole: { after: seconds(300) },
    });
  });

  test('of its timer form are those of its third version alone', () => {
    expect(twoPis({ hosts: [{ nodes: ['one'], rcuWatchdog: { form: 'timer' } }] }).hosts[0]?.rcuWatchdog).toEqual({
      ...WATCHDOG,
      form: 'timer',
      checkEvery: seconds(120),
    });
  });

  test('of chronic stalls are no reboot, and none of the black hole is kept where it is off', () => {
    const rcuWatchdog = { chronic: { stalls: 50, within: '3h' }, blackHole: 'off' } as const;

    expect(twoPis({ hosts: [{ nodes: ['one'], rcuWatchdog }] }).hosts[0]?.rcuWatchdog).toMatchObject({
      chronic: { stalls: 50, within: seconds(10_800), action: 'alert' },
      blackHole: null,
    });
  });

  test('of the sandbox clean-up', () => {
    expect(minimal({ hosts: [{ nodes: ['lamp'], sandboxCleanup: {} }] }).hosts[0]?.sandboxCleanup).toEqual({
      databaseLockTimeout: seconds(30),
      timeout: seconds(120),
      beforeReboot: { timeout: seconds(30) },
      hungNetworkCall: { after: seconds(600) },
    });
    const off = { beforeReboot: 'off', hungNetworkCall: 'off' } as const;
    expect(minimal({ hosts: [{ nodes: ['lamp'], sandboxCleanup: off }] }).hosts[0]?.sandboxCleanup).toMatchObject({
      beforeReboot: null,
      hungNetworkCall: null,
    });
  });

  test('of the hung-task panic include the time-out that makes it a reboot', () => {
    expect(minimal({ hosts: [{ nodes: ['lamp'], kernel: { hungTask: {} } }] }).hosts[0]?.hungTask).toEqual({
      timeout: seconds(120),
      panicTimeout: seconds(10),
    });
  });

  test('of the hardware watchdog fit a Raspberry Pi, whose counter ends at 15 s', () => {
    const hosts = [{ nodes: ['one'], kernel: { hardwareWatchdog: {} } }] as const;

    expect(twoPis({ hosts }).hosts[0]?.hardwareWatchdog).toEqual({
      runtimeTimeout: seconds(14),
      rebootTimeout: seconds(14),
      device: '/dev/watchdog',
    });
  });

  test('of the hardware watchdog elsewhere', () => {
    const hosts = [{ nodes: ['lamp'], kernel: { hardwareWatchdog: {} } }] as const;

    expect(minimal({ hosts }).hosts[0]?.hardwareWatchdog).toMatchObject({
      runtimeTimeout: seconds(30),
      rebootTimeout: seconds(600),
    });
  });

  test('of Longhorn, its snapshots and its S3 target', () => {
    const { longhorn } = minimal({
      longhorn: {
        version: '1.11.3',
        dailySnapshot: { at: '03:00', retain: 7 },
        backupTarget: {
          kind: 's3',
          bucket: 'b',
          region: 'r',
          credentialSecret: 'c',
          backup: { at: '04:00', retain: 3 },
        },
      },
    });

    expect(longhorn).toMatchObject({
      namespace: 'longhorn-system',
      csiSpread: null,
      dailySnapshot: { name: 'daily-snapshot', at: { hour: 3, minute: 0 } },
      backupTarget: { path: '', pollInterval: seconds(300), backup: { name: 'daily-backup' } },
    });
  });

  test('of the backup, whose clock is the one of the node that it copies from', () => {
    const { backup } = minimal({
      backup: {
        from: 'lamp',
        to: { host: 'nas', user: 'copy', path: '/tank/lamp', hostKey: FULL_K3S_SPEC.backup.to.hostKey },
        at: '02:30',
        bandwidthLimitKibPerSecond: 100,
        keySecret: { name: 'key', key: 'id' },
      },
    });

    expect(backup).toMatchObject({
      name: 'local-path-backup',
      namespace: 'kube-system',
      from: { name: 'lamp' },
      to: { port: 22 },
      schedule: { at: { hour: 2, minute: 30 }, timeZone: 'Europe/Vienna' },
      deadline: seconds(7_200),
      staleAfter: seconds(93_600),
    });
    expect(backup).not.toHaveProperty('at');
  });

  test('of DNS are two replicas', () => {
    expect(twoPis({ dns: {} }).dns).toEqual({ replicas: 2 });
  });

  test('of images are the published ones', () => {
    expect(minimal().images).toEqual({ ...IMAGES, coredns: MICROK8S_COREDNS.image });
  });

  test('of images give way one by one', () => {
    const digest = `sha256:${'0'.repeat(64)}` as const;

    const { images } = minimal({ images: { alpine: `mirror.lan/alpine:3.21@${digest}` } });

    expect(images).toMatchObject({ alpine: `mirror.lan/alpine:3.21@${digest}`, coredns: MICROK8S_COREDNS.image });
  });

  test('of a network policy are all ports', () => {
    const policy = { name: 'a', namespace: 'b', pods: { app: 'a' }, allowFromNamespaces: ['c'] };

    expect(minimal({ networkPolicies: [policy] }).networkPolicies[0]?.ports).toBeNull();
  });

  test('of upgrades, whose clock is the one of the control plane', () => {
    const { upgrades } = minimal({
      hosts: [{ nodes: ['lamp'] }],
      upgrades: { ubuntu: { from: '25.10', to: '26.04', window: { days: ['sunday'], start: '09:00', end: '15:00' } } },
    });

    expect(upgrades).toMatchObject({
      namespace: 'system-upgrade',
      timeZone: 'Europe/Vienna',
      ubuntu: { settle: seconds(600) },
    });
  });

  test('of reachability are all nodes, no Probe, and two minutes of patience', () => {
    expect(twoPis({ reachability: {} }).reachability).toMatchObject({
      nodes: [{ name: 'one' }, { name: 'two' }],
      prober: null,
      tolerate: seconds(120),
      notify: null,
    });
  });

  test('of a message about reachability are files of the prober, and for Slack no token', () => {
    const notify = (kind: 'ntfy' | 'slack') => minimal({ reachability: { notify: { kind } } }).reachability?.notify;

    expect(notify('slack')).toEqual({ kind: 'slack', urlFile: '/etc/selfheal/reachability-prober.url' });
    expect(notify('ntfy')).toMatchObject({ tokenFile: '/etc/selfheal/reachability-prober.token' });
  });

  test('of Jiva', () => {
    expect(parsed({ ...FULL_MICROK8S_SPEC, jiva: {} }).jiva).toEqual({ namespace: 'openebs', replicas: 3 });
  });

  test('of a scheduler lease keep the deadline shorter than the lease', () => {
    expect(parsed({ ...FULL_MICROK8S_SPEC, schedulerLease: { leaseDuration: '20s' } }).schedulerLease).toEqual({
      leaseDuration: seconds(20),
      renewDeadline: seconds(15),
      retryPeriod: seconds(2),
    });
  });
});

describe('monitoring', () => {
  test('that somebody else installed has no chart of ours, and no textfile collector unless told', () => {
    const monitoring = { install: 'existing', namespace: 'watch', ruleLabels: { a: 'b' } } as const;

    expect(minimal({ monitoring }).monitoring).toMatchObject({ chart: null, textfileCollector: false });
  });

  test('that we install selects our rules by its release and reads our text files', () => {
    const monitoring = { install: 'kube-prometheus-stack', requiredNode: 'lamp' } as const;

    expect(minimal({ monitoring }).monitoring).toMatchObject({
      namespace: 'monitoring',
      ruleLabels: new Map([['release', 'kube-prometheus-stack']]),
      textfileCollector: true,
      chart: { requiredNode: { name: 'lamp' }, releaseName: 'kube-prometheus-stack' },
    });
  });

  test.each([
    ['https://git.example/me/attic.git', 'https://git.example/me/attic/blob/main/docs/runbooks'],
    ['git@git.example:me/attic.git', 'https://git.example/me/attic/blob/main/docs/runbooks'],
    ['ssh://git@git.example/me/attic.git', 'https://git.example/me/attic/blob/main/docs/runbooks'],
    ['ssh://git@git.example:2222/me/attic.git', 'https://git.example/me/attic/blob/main/docs/runbooks'],
  ])('links runbooks of %s', (repoUrl, url) => {
    const monitoring = { install: 'kube-prometheus-stack', requiredNode: 'lamp' } as const;

    expect(minimal({ gitops: { repoUrl }, monitoring }).monitoring?.runbookBaseUrl).toBe(url);
  });

  test('ends the link to the runbooks without a slash', () => {
    const monitoring = {
      install: 'kube-prometheus-stack',
      requiredNode: 'lamp',
      runbookBaseUrl: 'https://docs.example/runbooks//',
    } as const;

    expect(minimal({ monitoring }).monitoring?.runbookBaseUrl).toBe('https://docs.example/runbooks');
  });
});

describe('what follows from the distribution', () => {
  test('k3s names its roles server and agent; a Cluster has one pair of names', () => {
    expect(twoPis({}).nodes.map(({ name, role }) => [name, role])).toEqual([
      ['one', 'control-plane'],
      ['two', 'worker'],
    ]);
    expect(twoPis({}).controlPlane.name).toBe('one');
  });

  test('only k3s on SQLite runs without leader election', () => {
    expect(minimal().leaderElection).toBe(false);
    expect(twoPis({}).leaderElection).toBe(true);
    expect(parsed(FULL_MICROK8S_SPEC).leaderElection).toBe(true);
  });

  test('Calico is known from cni', () => {
    expect(parsed(FULL_MICROK8S_SPEC).calico).toBe(true);
    expect(parsed({ ...FULL_MICROK8S_SPEC, cni: 'flannel', networkPolicies: [] }).calico).toBe(false);
    expect(twoPis({}).calico).toBe(false);
  });
});

describe('hosts', () => {
  test('are named after their node, or after the cluster where they are several', () => {
    expect(twoPis({ hosts: [{ nodes: ['one'] }] }).hosts[0]?.name).toBe('one-node-bootstrap');
    expect(parsed(FULL_MICROK8S_SPEC).hosts[0]?.name).toBe('shed-node-bootstrap');
    expect(parsed(FULL_K3S_SPEC).hosts[1]?.name).toBe('agents-bootstrap');
  });
});

test('a name is replaced by its node wherever one is named', () => {
  const cluster = parsed(FULL_K3S_SPEC);
  const [barrel, bottle, cork] = cluster.nodes;

  expect(cluster.backup?.from).toBe(barrel);
  expect(cluster.monitoring?.chart?.requiredNode).toBe(bottle);
  expect(cluster.keepOff[0]?.nodes).toEqual([cork]);
  expect(cluster.hosts[1]?.nodes).toEqual([bottle, cork]);
  expect(cluster.reachability?.nodes).toEqual([barrel, bottle]);
});

test('parsing leaves the description as it was', () => {
  const before = JSON.stringify(FULL_K3S_SPEC);

  parseCluster(FULL_K3S_SPEC);

  expect(JSON.stringify(FULL_K3S_SPEC)).toBe(before);
});
