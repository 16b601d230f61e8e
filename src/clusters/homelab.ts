/**
 * The homelab: k3s on two Raspberry Pis, Ubuntu 25.10, one LAN.
 *
 * Jarvis runs the control plane and the home automation, Ultron the monitoring and the backups. Why each value is what
 * it is: docs/incidents.md. What its reports do not say (Jarvis' address, host key, repository, prober) is an example:
 * docs/moving-in.md lists it.
 */
import { defineCluster } from '../cluster/spec.js';

const raspberryPi = {
  timeZone: 'America/Edmonton',
  architecture: 'arm64',
  board: 'raspberry-pi',
  bootLoader: 'piboot',
} as const;

const healing = {
  rcuWatchdog: {
    burst: { stalls: 10, within: '2min' },
    sustained: { stalls: 10, within: '15min' },
    startupGrace: '20min',
    // A leak as in April is told of and not rebooted for: since rcu_normal=1 there has been none to learn from.
    chronic: { stalls: 100, within: '6h', action: 'alert' },
    // The afternoon of Nov 30 peaked at 3 stalls in ten minutes: no count would have seen it, this does.
    blackHole: { after: '5min' },
  },
  sandboxCleanup: {},
  kernel: {
    hungTask: { timeout: '120s', panicTimeout: '10s' },
    hardwareWatchdog: { runtimeTimeout: '14s', rebootTimeout: '14s' },
    arguments: ['rcupdate.rcu_normal=1'],
  },
} as const;

export default defineCluster({
  name: 'homelab',
  distribution: 'k3s',
  datastore: 'etcd',
  gitops: { repoUrl: 'https://gitea.homelab.lan/victor/homelab.git' },

  nodes: {
    jarvis: { ...raspberryPi, role: 'server', address: '10.0.1.10' },
    ultron: { ...raspberryPi, role: 'agent', address: '10.0.1.11' },
  },

  // Ultron has the same board and the same kernel, and it stalled too (Nov 5). While a watchdog judged for itself alone,
  // only Jarvis had one; now they ask each other, and do not go down together.
  hosts: [
    { nodes: ['jarvis'], ...healing },
    { nodes: ['ultron'], ...healing },
  ],

  longhorn: {
    version: '1.11.3',
    csiSpread: { replicas: 2 },
    dailySnapshot: { at: '03:00', retain: 7 },
    // NFS took the node down five times. Until an S3 target follows, these volumes have no copy outside of the cluster:
    // `backup` is for the local-path volumes.
    backupTarget: { kind: 'none' },
  },

  // Where the mirror of November lies, /backup/local-path, stays as it is: snapshots need a folder of their own.
  backup: {
    from: 'jarvis',
    to: {
      host: '10.0.1.11',
      user: 'victor',
      path: '/backup/snapshots',
      // Put Ultron's own key here: ssh-keyscan -t ed25519 10.0.1.11, compared on Ultron itself.
      hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPF3wCxAKmrZ0J3jMQCYfn3BjexVcO4ReLeSYaAnrKBV',
    },
    at: '02:30',
    bandwidthLimitKibPerSecond: 5000,
    keySecret: { name: 'local-path-backup-ssh-key', key: 'id_ed25519' },
    // An hour and a half after Longhorn's snapshots, four and a half before the window for upgrades.
    drill: { day: 'sunday', at: '04:30' },
  },

  dns: { replicas: 2 },

  monitoring: {
    install: 'kube-prometheus-stack',
    namespace: 'monitoring',
    requiredNode: 'ultron',
    grafanaAdminSecret: 'grafana-admin',
    // Both are topics of one ntfy; the first one's URL asks for a priority that rings through.
    notify: {
      kind: 'webhook',
      urlSecret: { name: 'alert-receivers', key: 'page' },
      warningUrlSecret: { name: 'alert-receivers', key: 'message' },
    },
    runbookBaseUrl: 'https://gitea.homelab.lan/victor/homelab/src/branch/main/docs/runbooks',
  },

  upgrades: {
    ubuntu: {
      from: '25.10',
      to: '26.04',
      window: { days: ['saturday', 'sunday'], start: '09:00', end: '15:00' },
    },
  },

  reachability: { prober: 'nas.homelab.lan:9115', tolerate: '2min' },
});
