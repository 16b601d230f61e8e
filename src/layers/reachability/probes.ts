/**
 * What the cluster's Prometheus asks a prober outside the cluster: do the nodes answer?
 *
 * From within, a node whose network has gone dark looks healthy to itself. Two questions, so that a prober that may
 * not send pings, or a host that does not answer them, is not taken for a node that is gone: both carry the node's
 * name as `instance` and as `node`, and the alert fires when neither is answered.
 */
import { Probe, ProbeSpecProberScheme } from '../../../imports/monitoring.coreos.com.js';
import type { ApplicationChart } from '../../argo/application-chart.js';
import type { ClusterNode, Monitoring } from '../../cluster/cluster.js';
import { REACHABILITY_JOB } from './job.js';

/**
 * SSH, not the API: every node has it, workers too, and it is the way in for whoever must mend the node. Modules of
 * these names stand in the configuration that the blackbox exporter ships with.
 */
const QUESTIONS = [
  { name: 'icmp', module: 'icmp', target: (address: string) => address },
  {
    name: 'ssh',
    module: 'tcp_connect',
    target: (address: string) => `${address.includes(':') ? `[${address}]` : address}:22`,
  },
] as const;

export function addProbes(
  chart: ApplicationChart,
  { namespace, ruleLabels }: Monitoring,
  prober: string,
  nodes: readonly ClusterNode[],
): void {
  for (const { name, module, target } of QUESTIONS) {
    new Probe(chart, `Probe-${name}`, {
      metadata: { name: `reachability-${name}`, namespace, labels: Object.fromEntries(ruleLabels) },
      spec: {
        jobName: REACHABILITY_JOB,
        interval: '15s',
        scrapeTimeout: '10s',
        module,
        prober: { url: prober, scheme: ProbeSpecProberScheme.HTTP },
        targets: {
          staticConfig: {
            // Otherwise both answers of a node would be one series, and the last scrape would hide the other.
            labels: { probe: `reachability-${name}` },
            static: nodes.map(({ address }) => target(address)),
            relabelingConfigs: nodes.flatMap((node) =>
              ['instance', 'node'].map((targetLabel) => ({
                sourceLabels: ['__param_target'],
                regex: target(node.address).replaceAll(/[.[\]]/g, '\\$&'),
                targetLabel,
                replacement: node.name,
              })),
            ),
          },
        },
      },
    });
  }
}
