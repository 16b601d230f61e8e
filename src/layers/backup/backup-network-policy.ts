/** What a run's pod may connect to: the other machine's SSH port, and the hooks. Nobody may connect to it. */
import { isIP } from 'node:net';
import { k8s } from 'cdk8s-plus-28';
import type { ApplicationChart } from '../../argo/application-chart.js';
import { podLabels, type Run } from './run.js';

export function addBackupNetworkPolicy(chart: ApplicationChart, { name, namespace, to, hooks }: Run): void {
  const ends = [{ host: to.host, port: to.port }, ...hooks.flatMap(({ before, after }) => [before, after].map(endOf))];
  new k8s.KubeNetworkPolicy(chart, `NetworkPolicy-${name}`, {
    metadata: { name, namespace },
    spec: {
      podSelector: { matchLabels: podLabels(name) },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [...rulesOf(ends), ...(ends.some(({ host }) => isIP(host) === 0) ? [DNS] : [])],
    },
  });
}

interface End {
  readonly host: string;
  readonly port: number;
}

function endOf({ url }: { readonly url: string }): End {
  const { hostname, port, protocol } = new URL(url);
  const usual = protocol === 'https:' ? 443 : 80;
  return { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? usual : Number(port) };
}

/** One rule for each end that differs. */
function rulesOf(ends: readonly End[]): k8s.NetworkPolicyEgressRule[] {
  return [
    ...new Map(
      ends.map(({ host, port }) => {
        // A policy knows addresses, not names: the port is all that can be said of a machine that DNS has to find.
        const family = isIP(host);
        return family === 0
          ? [`${port}`, { ports: [tcp(port)] }]
          : [
              `${host} ${port}`,
              { to: [{ ipBlock: { cidr: `${host}/${family === 4 ? 32 : 128}` } }], ports: [tcp(port)] },
            ];
      }),
    ).values(),
  ];
}

const tcp = (port: number) => ({ protocol: 'TCP', port: k8s.IntOrString.fromNumber(port) });

const DNS: k8s.NetworkPolicyEgressRule = {
  ports: [{ protocol: 'UDP', port: k8s.IntOrString.fromNumber(53) }, tcp(53)],
};
