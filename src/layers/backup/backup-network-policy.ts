/** The backup's pod may open one connection: to the other machine's SSH port. Nobody may connect to it. */
import { isIP } from 'node:net';
import { k8s } from 'cdk8s-plus-28';
import type { ApplicationChart } from '../../argo/application-chart.js';
import type { Backup } from '../../cluster/backup.js';
import { podLabels } from './backup-cron-job.js';

export function addBackupNetworkPolicy(chart: ApplicationChart, backup: Backup): void {
  new k8s.KubeNetworkPolicy(chart, 'NetworkPolicy', {
    metadata: { name: backup.name, namespace: backup.namespace },
    spec: {
      podSelector: { matchLabels: podLabels(backup) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: egressTo(backup.to),
    },
  });
}

function egressTo({ host, port }: Backup['to']): k8s.NetworkPolicyEgressRule[] {
  const ssh = [tcp(port)];
  const family = isIP(host);
  if (family !== 0) return [{ to: [{ ipBlock: { cidr: `${host}/${family === 4 ? 32 : 128}` } }], ports: ssh }];
  // A policy knows addresses, not names: the port is all that can be said of a machine that DNS has to find first.
  return [{ ports: ssh }, { ports: [{ protocol: 'UDP', port: k8s.IntOrString.fromNumber(53) }, tcp(53)] }];
}

const tcp = (port: number) => ({ protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) });
