/** What checks of hosts have in common: whose reports they read, and what they say where there is none. */
import type { Cluster, ClusterNode, HostGroup } from '../../cluster/cluster.js';
import type { NodeRole } from '../../cluster/distribution.js';
import type { CheckFacts } from './facts.js';
import type { HostReport } from './host-report.js';
import { someOf } from './live.js';
import type { CheckResult } from './result.js';
import type { saying } from './saying.js';

export interface Host {
  readonly node: ClusterNode;
  readonly group: HostGroup;
  readonly report: HostReport;
}

interface Asked {
  readonly say: Pick<ReturnType<typeof saying>, 'pass' | 'unknown'>;

  /** What is wrong on one host, or cannot be told; nothing where all is well. */
  readonly judge: (host: Host) => readonly CheckResult[];

  /** What is well, where nothing is wrong anywhere. */
  readonly well: string;

  /**
   * `others`: not of the node that is to go down, since a reboot may be what it needs. `all`: what a reboot does not mend
   * and a host may not come back with.
   */
  readonly of: 'others' | 'all';

  /** @default every described host */
  readonly isFor?: (group: HostGroup) => boolean;
}

/** Where all is to be taken off the hosts, nobody reports on them. */
export const isReportedOn = ({ hosts }: Pick<Cluster, 'hosts'>): boolean =>
  hosts.some(({ state }) => state === 'described');

/** One result for each thing that is wrong or untold, or one for all hosts. */
export function onEachHost(
  { cluster, node: down, host }: Pick<CheckFacts, 'cluster' | 'node' | 'host'>,
  { say, judge, well, of, isFor = () => true }: Asked,
): readonly CheckResult[] {
  const all = cluster.hosts
    .filter((group) => group.state === 'described' && isFor(group))
    .flatMap((group) => group.nodes.map((node) => ({ group, node })));
  const subject = `hosts of ${cluster.name}`;
  if (all.length === 0) return [say.unknown(subject, 'none of those that are described is reported on')];
  const asked = all.filter(({ node }) => of === 'all' || node.name !== down);
  if (asked.length === 0) return [say.pass(subject, `none but ${down}, which is to go down`)];
  const wrong = asked.flatMap(({ group, node }) => {
    const answer = host(node.name);
    if (answer.ok) return judge({ group, node, report: answer.value });
    // Where the API itself said no, looking for the pod says no again.
    const next = answer.failure.kind === 'server' ? reportOf(node.name) : undefined;
    return [say.unknown(`host ${node.name}`, answer.failure, next)];
  });
  const names = asked.map(({ node }) => node.name);
  return wrong.length > 0 ? wrong : [say.pass(subject, `${well}: ${someOf(names, 5)}`)];
}

/** Where a host is not reported on, or one of its fields is null. */
export const reportOf = (node: string): string =>
  `kubectl -n kube-system get pods -l app.kubernetes.io/name=node-bootstrap --field-selector=spec.nodeName=${node}   # then the log of its container watch`;

/** How a person on a host of this role starts a unit of the distribution anew. */
export function restartOf(unit: string): string {
  const service = unit.replace(/\.service$/, '');
  const [, snap] = /^snap\.(.+)$/.exec(service) ?? [];
  return snap === undefined ? `sudo systemctl restart ${service}` : `sudo snap restart ${snap}`;
}

/** As a person does it who reads the name of a node. */
export const nodeRestart = (cluster: Cluster, node: string): string => {
  const role = cluster.nodes.find(({ name }) => name === node)?.role ?? 'control-plane';
  return `on ${node}: ${restartOf(cluster.distribution.kubeletUnit[role])}`;
};

export const kubeletRestart = ({ cluster }: Pick<CheckFacts, 'cluster'>, role: NodeRole): string =>
  restartOf(cluster.distribution.kubeletUnit[role]);
