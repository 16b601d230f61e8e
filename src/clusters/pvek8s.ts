/**
 * pvek8s: MicroK8s on three machines, Calico, dqlite, OpenEBS Jiva.
 *
 * It lost seven hours to one simultaneous reboot. Why each value is what it is: docs/incidents.md. What the
 * report of that day does not say (addresses, repository, namespaces) is an example: docs/moving-in.md lists it.
 */
import { defineCluster } from '../cluster/spec.js';

const machine = {
  role: 'control-plane',
  timeZone: 'Australia/Brisbane',
  architecture: 'amd64',
  board: 'generic',
  bootLoader: 'grub',
} as const;

export default defineCluster({
  name: 'pvek8s',
  distribution: 'microk8s',
  cni: 'calico',
  gitops: { repoUrl: 'https://github.com/pgmac/pvek8s.git' },

  nodes: {
    k8s01: { ...machine, address: '192.168.0.41' },
    k8s02: { ...machine, address: '192.168.0.42' },
    k8s03: { ...machine, address: '192.168.0.43' },
  },

  // No rcuWatchdog: its generic kernel has never stalled here, and what this cluster lost seven hours to was reboots. What
  // reboots a node should answer something that was seen. If one stalls some day: `rcuWatchdog: {}` for all three (at most
  // one goes at a time, and the quorum stays), with `textfileCollector: true` below, so that somebody hears of it.
  hosts: [{ nodes: ['k8s01', 'k8s02', 'k8s03'], sandboxCleanup: {}, checks: {} }],

  // A scheduler that falls silent is followed by another after 20 s, not after MicroK8s's 60 s.
  schedulerLease: { leaseDuration: '20s' },

  jiva: { namespace: 'openebs', replicas: 3 },

  dns: { replicas: 2 },

  // On June 5 these four stayed up on mounts from before the reboot: evicted while Jiva is short of replicas, each would
  // have lost its volume. So a roll never evicts them; they go down with their node, which it reboots only while all Jiva
  // volumes keep their quorum without it.
  reboots: {
    protected: ['sonarr', 'radarr', 'readarr', 'calibreweb'].map((name) => ({
      namespace: 'media',
      labels: { 'app.kubernetes.io/name': name },
      why: 'stays on its mount while Jiva may be degraded, and is never moved',
    })),
  },

  monitoring: { install: 'existing', namespace: 'observability', ruleLabels: { release: 'kube-prom-stack' } },

  keepOff: [{ namespace: 'cloudflared', deployment: 'cloudflared', nodes: ['k8s02'], appliedBy: 'helm' }],

  networkPolicies: [
    {
      name: 'vaultwarden-from-ingress-only',
      namespace: 'vaultwarden',
      pods: { 'app.kubernetes.io/name': 'vaultwarden' },
      allowFromNamespaces: ['ingress-nginx'],
    },
  ],
});
