/** Two invented clusters, one of each distribution, that ask for everything there is and leave no key out. */
import type { K3sClusterSpec, Microk8sClusterSpec } from '../../src/cluster/spec.js';

const HOST_KEY = `ssh-ed25519 AAAA${'C3Nz'.repeat(16)}` as const;

const COMMON = {
  longhorn: {
    version: '1.11.3',
    namespace: 'longhorn-system',
    csiSpread: { replicas: 3 },
    dailySnapshot: { at: '03:15', retain: 5, name: 'nightly' },
    backupTarget: {
      kind: 's3',
      bucket: 'cellar-volumes',
      region: 'eu-central-1',
      path: 'volumes',
      credentialSecret: 's3-credentials',
      pollInterval: '10min',
      backup: { at: '04:30', retain: 9, name: 'nightly-backup' },
    },
  },
  dns: { replicas: 2 },
  networkPolicies: [
    {
      name: 'wiki-from-proxy-only',
      namespace: 'wiki',
      pods: { app: 'wiki' },
      allowFromNamespaces: ['proxy', 'monitoring'],
      ports: [8080],
    },
  ],
} as const;

const HOSTS = {
  rcuWatchdog: {
    form: 'stream',
    burst: { stalls: 12, within: '3min' },
    sustained: { stalls: 14, within: '20min' },
    startupGrace: '25min',
    stuck: '4min',
    chronic: { stalls: 90, within: '5h', action: { window: { start: '03:30', end: '04:30' } } },
    blackHole: { after: '6min' },
    peerPort: 9848,
    maxRebootsInARow: 2,
    healthyAfter: '8h',
  },
  sandboxCleanup: { databaseLockTimeout: '45s', timeout: '3min' },
  checks: { nrpe: { kubeconfig: '/etc/nagios/kubeconfig' } },
} as const;

const TIMER_WATCHDOG = {
  form: 'timer',
  burst: { stalls: 12, within: '3min' },
  sustained: { stalls: 14, within: '20min' },
  startupGrace: '25min',
  checkEvery: '90s',
  maxRebootsInARow: 2,
  healthyAfter: '8h',
  peerPort: 9848,
} as const;

const UPGRADES = {
  namespace: 'system-upgrade',
  ubuntu: {
    from: '25.10',
    to: '26.04',
    window: { days: ['sunday'], start: '09:00', end: '15:00' },
    settle: '15min',
  },
} as const;

const board = { timeZone: 'Europe/Vienna', architecture: 'arm64', board: 'raspberry-pi' } as const;

export const FULL_K3S_SPEC = {
  ...COMMON,
  name: 'cellar',
  distribution: 'k3s',
  datastore: 'etcd',
  gitops: {
    repoUrl: 'git@git.example:vintner/cellar.git',
    revision: 'live',
    path: 'rendered/cellar',
    namespace: 'gitops',
    applicationPrefix: 'heal-',
  },
  nodes: {
    barrel: { ...board, role: 'server', address: '192.0.2.10', bootLoader: 'piboot' },
    bottle: { ...board, role: 'agent', address: '192.0.2.11', bootLoader: 'raspberry-pi-firmware' },
    cork: { ...board, role: 'agent', address: '192.0.2.12', bootLoader: 'raspberry-pi-firmware' },
  },
  hosts: [
    {
      ...HOSTS,
      nodes: ['barrel'],
      kernel: {
        hungTask: { timeout: '90s', panicTimeout: '15s' },
        hardwareWatchdog: { runtimeTimeout: '12s', rebootTimeout: '13s', device: '/dev/watchdog0' },
        arguments: ['rcupdate.rcu_normal=1'],
      },
    },
    {
      ...HOSTS,
      nodes: ['bottle', 'cork'],
      name: 'agents-bootstrap',
      rcuWatchdog: TIMER_WATCHDOG,
      kernel: { hardwareWatchdog: {} },
    },
  ],
  backup: {
    name: 'nightly-copy',
    namespace: 'kube-system',
    from: 'barrel',
    form: 'snapshots',
    to: {
      host: 'nas.example',
      user: 'copy',
      path: '/tank/cellar',
      port: 2222,
      hostKey: HOST_KEY,
      reservePercent: 15,
    },
    at: '01:30',
    bandwidthLimitKibPerSecond: 4000,
    keySecret: { name: 'copy-key', key: 'id_ed25519' },
    deadline: '90min',
    staleAfter: '30h',
    keep: { snapshots: 21, within: '60d' },
    maxShrinkPercent: 40,
    exclude: ['media/thumbnails'],
    hooks: [
      {
        volume: 'wiki/pages',
        before: { url: 'http://wiki.wiki.svc:8080/freeze', body: '{"seconds":600}' },
        after: { url: 'http://wiki.wiki.svc:8080/thaw' },
        tokenSecret: { name: 'wiki-token', key: 'token' },
        timeout: '20s',
      },
      {
        volume: 'home/meter',
        before: { url: 'http://192.0.2.40:9000/pause' },
        after: { url: 'http://192.0.2.40:9000/resume' },
      },
    ],
    drill: { day: 'wednesday', at: '06:00', scratchGibibytes: 3 },
    offsite: {
      to: {
        host: '198.51.100.7',
        user: 'cellar',
        path: '/vault/cellar',
        port: 22,
        hostKey: HOST_KEY,
        reservePercent: 5,
      },
      at: '23:15',
      bandwidthLimitKibPerSecond: 500,
      keySecret: { name: 'offsite-key', key: 'id_ed25519' },
      keep: { snapshots: 7, within: '90d' },
      deadline: '1h',
      staleAfter: '2d',
    },
  },
  monitoring: {
    install: 'kube-prometheus-stack',
    namespace: 'watch',
    requiredNode: 'bottle',
    notify: {
      kind: 'webhook',
      urlSecret: { name: 'receivers', key: 'page' },
      warningUrlSecret: { name: 'receivers', key: 'message' },
      alerts: 'selfheal',
    },
    runbookBaseUrl: 'https://docs.example/runbooks',
  },
  keepOff: [{ namespace: 'tunnel', deployment: 'tunnel', nodes: ['cork'], appliedBy: 'controller' }],
  upgrades: UPGRADES,
  reboots: {
    protected: [{ namespace: 'media', labels: { app: 'player' }, why: 'somebody is listening', when: 'refuse' }],
    mayBeDown: ['wiki/search'],
    barePods: 'delete',
    drainDeadline: '8min',
    bootDeadline: '4min',
    verifyDeadline: '1h',
    settle: '3min',
    notify: { kind: 'ntfy', urlSecret: { name: 'receivers', key: 'topic' } },
    schedule: { days: ['sunday'], start: '03:00', end: '05:30', timeZone: 'Europe/Lisbon' },
  },
  reachability: { nodes: ['barrel', 'bottle'], prober: 'nas.example:9115', tolerate: '5min', notify: { kind: 'ntfy' } },
} as const satisfies K3sClusterSpec;

const machine = {
  role: 'control-plane',
  timeZone: 'Pacific/Auckland',
  architecture: 'amd64',
  board: 'generic',
  bootLoader: 'grub',
} as const;

export const FULL_MICROK8S_SPEC = {
  ...COMMON,
  name: 'shed',
  distribution: 'microk8s',
  cni: 'calico',
  gitops: { repoUrl: 'https://git.example/gardener/shed.git' },
  nodes: {
    rake: { ...machine, address: '192.0.2.20' },
    hoe: { ...machine, address: '192.0.2.21' },
    spade: { ...machine, address: '192.0.2.22' },
  },
  hosts: [
    {
      ...HOSTS,
      nodes: ['rake', 'hoe', 'spade'],
      kernel: { hungTask: {}, hardwareWatchdog: {}, arguments: ['rcupdate.rcu_normal=1'] },
    },
  ],
  schedulerLease: { leaseDuration: '24s', renewDeadline: '16s', retryPeriod: '3s' },
  images: { coredns: 'coredns/coredns:1.14.3' },
  jiva: { namespace: 'openebs', replicas: 3 },
  backup: {
    form: 'mirror',
    from: 'hoe',
    to: { host: '192.0.2.99', user: 'copy', path: '/tank/shed', hostKey: HOST_KEY },
    at: '01:30',
    bandwidthLimitKibPerSecond: 4000,
    keySecret: { name: 'copy-key', key: 'id_ed25519' },
  },
  monitoring: {
    install: 'existing',
    namespace: 'observability',
    ruleLabels: { release: 'shed-stack' },
    alertmanagerConfigLabels: { release: 'shed-stack' },
    notify: { kind: 'slack', urlSecret: { name: 'receivers', key: 'slack' }, alerts: 'all' },
    textfileCollector: true,
  },
  keepOff: [{ namespace: 'tunnel', deployment: 'tunnel', nodes: ['spade'], appliedBy: 'helm' }],
  upgrades: UPGRADES,
  reboots: {
    order: ['spade', 'hoe', 'rake'],
    ssh: {
      user: 'ops',
      port: 2222,
      sudo: true,
      nodes: {
        hoe: { hostKey: `ssh-ed25519 AAAA${'C3NzaC1lZDI1NTE5'.repeat(4)}` },
        rake: {
          hostKey: `ssh-rsa AAAA${'C3NzaC1lZDI1NTE5'.repeat(4)}`,
          host: 'rake.example',
          user: 'root',
          port: 22,
          sudo: false,
        },
      },
    },
  },
  reachability: { prober: 'nas.example:9115' },
} as const satisfies Microk8sClusterSpec;
