/**
 * What is set on the CoreDNS that k3s installs: a few fields, the rest stays k3s's own.
 *
 * k3s writes its manifest again at each start; what it does not name there (replicas, affinity) it leaves alone.
 */
import type { Manifest } from '../../manifest/manifest.js';
import { oneForEachNode, ROLLOUT } from './anti-affinity.js';

export const k3sCoredns = (replicas: number): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'coredns', namespace: 'kube-system' },
  spec: {
    replicas,
    strategy: { type: 'RollingUpdate', rollingUpdate: { ...ROLLOUT } },
    template: { spec: { affinity: oneForEachNode() } },
  },
});
