/** From an unknown value to a `Cluster`: the whole spec, its cross-checks and its defaults. */
import type { Cluster, ClusterNode, Gitops, HostGroup, Monitoring } from '../cluster.js';
import { DISTRIBUTIONS, type NodeRole } from '../distribution.js';
import type { Duration } from '../duration.js';
import type * as spec from '../spec.js';
import { crossCheck } from './cross-checks.js';
import type { Parsed } from './issue.js';
import {
  fields,
  integer,
  map,
  type Output,
  oneOf,
  optional,
  type Parser,
  parse,
  record,
  refine,
  tagged,
} from './parser.js';
import * as sections from './sections.js';
import * as value from './values.js';

/** Parses a spec. Every problem is reported at once. */
export function parseCluster(input: unknown): Parsed<Cluster> {
  const node = oneOf(...nodeNames(input));
  const parser = tagged('distribution', { k3s: k3s(node), microk8s: microk8s(node) });
  return parse(map(refine(parser, crossCheck), resolve), input);
}

/** The names that other sections may refer to, known before the nodes themselves are parsed. */
function nodeNames(input: unknown): readonly string[] {
  const nodes: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'nodes') : undefined;
  return typeof nodes === 'object' && nodes !== null ? Object.keys(nodes) : [];
}

const common = (node: Parser<string>) => ({
  name: value.dnsLabel,
  gitops: sections.gitops,
  hosts: optional(sections.hosts(node), []),
  longhorn: optional(sections.longhorn, null),
  backup: optional(sections.backup(node), null),
  dns: optional(sections.dns, null),
  monitoring: optional(sections.monitoring(node), null),
  keepOff: optional(sections.keepOff(node), []),
  networkPolicies: optional(sections.networkPolicies, []),
  upgrades: optional(sections.upgrades, null),
  reachability: optional(sections.reachability(node), null),
});

const K3S_ROLES = { server: 'control-plane', agent: 'worker' } as const;

const k3s = (node: Parser<string>) =>
  fields<spec.K3sClusterSpec>()({
    ...common(node),
    distribution: oneOf('k3s'),
    datastore: oneOf('sqlite', 'etcd'),
    nodes: record(
      value.dnsLabel,
      fields<spec.K3sNodeSpec>()({
        ...sections.nodeFields,
        role: map(oneOf('server', 'agent'), (role): NodeRole => K3S_ROLES[role]),
      }),
      { min: 1 },
    ),
  });

const schedulerLease = refine(
  map(
    fields<spec.SchedulerLeaseSpec>()({
      leaseDuration: value.duration('4s', '5min'),
      renewDeadline: optional(value.duration('3s', '5min'), null),
      retryPeriod: optional(value.duration('1s', '1min'), { seconds: 2 }),
    }),
    ({ leaseDuration, renewDeadline, retryPeriod }) => ({
      leaseDuration,
      retryPeriod,
      renewDeadline: renewDeadline ?? { seconds: Math.floor((leaseDuration.seconds * 3) / 4) },
    }),
  ),
  ({ leaseDuration, renewDeadline, retryPeriod }) => [
    ...(renewDeadline.seconds < leaseDuration.seconds
      ? []
      : [
          {
            path: 'renewDeadline',
            message: `expected less than leaseDuration (${leaseDuration.seconds}s), got "${renewDeadline.seconds}s"`,
          },
        ]),
    ...(renewDeadline.seconds > 1.2 * retryPeriod.seconds
      ? []
      : [
          {
            path: 'renewDeadline',
            message: `expected more than 1.2 times retryPeriod (${retryPeriod.seconds}s), got "${renewDeadline.seconds}s"`,
          },
        ]),
  ],
);

const microk8s = (node: Parser<string>) =>
  fields<spec.Microk8sClusterSpec>()({
    ...common(node),
    distribution: oneOf('microk8s'),
    cni: oneOf('calico', 'flannel'),
    nodes: record(
      value.dnsLabel,
      fields<spec.Microk8sNodeSpec>()({ ...sections.nodeFields, role: oneOf('control-plane', 'worker') }),
      { min: 1 },
    ),
    schedulerLease: optional(schedulerLease, null),
    jiva: optional(
      fields<spec.JivaSpec>()({
        namespace: optional(value.dnsLabel, 'openebs'),
        replicas: optional(integer(1, 9), 3),
      }),
      null,
    ),
  });

/** A spec whose parts are all right, before its defaults depend on each other. */
export type ParsedSpec = Output<ReturnType<typeof k3s>> | Output<ReturnType<typeof microk8s>>;

function resolve(parsed: ParsedSpec): Cluster {
  const nodes = [...parsed.nodes].map(([name, node]) => ({ name, ...node }));
  const named = (name: string): ClusterNode => {
    const node = nodes.find((candidate) => candidate.name === name);
    if (node === undefined) throw new Error(`node '${name}': was accepted by the parser but is not in the spec`);
    return node;
  };
  const controlPlane = nodes.find(({ role }) => role === 'control-plane');
  if (controlPlane === undefined)
    throw new Error(`cluster '${parsed.name}': was accepted by the parser without a control plane`);
  const gitops = { ...parsed.gitops, path: parsed.gitops.path ?? `dist/${parsed.name}` };
  const { backup, upgrades, reachability } = parsed;
  const microk8sOnly =
    parsed.distribution === 'microk8s'
      ? {
          leaderElection: true,
          calico: parsed.cni === 'calico',
          schedulerLease: parsed.schedulerLease,
          jiva: parsed.jiva,
        }
      : { leaderElection: parsed.datastore === 'etcd', calico: false, schedulerLease: null, jiva: null };

  return {
    name: parsed.name,
    distribution: DISTRIBUTIONS[parsed.distribution],
    gitops,
    nodes,
    controlPlane,
    hosts: parsed.hosts.map((group) => resolveHosts(parsed.name, group, group.nodes.map(named))),
    longhorn: parsed.longhorn,
    backup:
      backup &&
      withoutAt({
        ...backup,
        from: named(backup.from),
        schedule: { at: backup.at, timeZone: named(backup.from).timeZone },
      }),
    dns: parsed.dns,
    monitoring: parsed.monitoring && resolveMonitoring(parsed.monitoring, gitops, named),
    keepOff: parsed.keepOff.map((entry) => ({ ...entry, nodes: entry.nodes.map(named) })),
    networkPolicies: parsed.networkPolicies,
    upgrades: upgrades && { ...upgrades, timeZone: controlPlane.timeZone },
    reachability: reachability && { ...reachability, nodes: reachability.nodes?.map(named) ?? nodes },
    ...microk8sOnly,
  };
}

function withoutAt<T extends { readonly at: unknown }>({ at: _, ...rest }: T): Omit<T, 'at'> {
  return rest;
}

/** BCM2835: facts in docs/incidents.md, "hardware watchdog". */
const WATCHDOG_DEFAULTS = {
  'raspberry-pi': { runtimeTimeout: { seconds: 14 }, rebootTimeout: { seconds: 14 } },
  generic: { runtimeTimeout: { seconds: 30 }, rebootTimeout: { seconds: 600 } },
} as const satisfies Record<ClusterNode['board'], { runtimeTimeout: Duration; rebootTimeout: Duration }>;

function resolveHosts(cluster: string, group: ParsedSpec['hosts'][number], nodes: readonly ClusterNode[]): HostGroup {
  const [first] = nodes;
  if (first === undefined) throw new Error(`hosts of cluster '${cluster}': were accepted by the parser without a node`);
  const { role, board, bootLoader } = first;
  const watchdog = group.kernel?.hardwareWatchdog ?? null;
  return {
    name: group.name ?? `${nodes.length === 1 ? first.name : cluster}-node-bootstrap`,
    nodes,
    role,
    board,
    bootLoader,
    rcuWatchdog: group.rcuWatchdog,
    sandboxCleanup: group.sandboxCleanup,
    hungTask: group.kernel?.hungTask ?? null,
    hardwareWatchdog: watchdog && {
      device: watchdog.device,
      runtimeTimeout: watchdog.runtimeTimeout ?? WATCHDOG_DEFAULTS[board].runtimeTimeout,
      rebootTimeout: watchdog.rebootTimeout ?? WATCHDOG_DEFAULTS[board].rebootTimeout,
    },
    kernelArguments: group.kernel?.arguments ?? [],
  };
}

/** The release name decides the label by which the chart's Prometheus selects rules. */
const CHART_RELEASE = 'kube-prometheus-stack';

function resolveMonitoring(
  monitoring: NonNullable<ParsedSpec['monitoring']>,
  gitops: Gitops,
  named: (name: string) => ClusterNode,
): Monitoring {
  const runbookBaseUrl = (monitoring.runbookBaseUrl ?? defaultRunbooks(gitops)).replace(/\/+$/, '');
  return monitoring.install === 'existing'
    ? { ...monitoring, runbookBaseUrl, chart: null }
    : {
        namespace: monitoring.namespace,
        ruleLabels: new Map([['release', CHART_RELEASE]]),
        textfileCollector: true,
        runbookBaseUrl,
        chart: { requiredNode: named(monitoring.requiredNode), releaseName: CHART_RELEASE },
      };
}

/** Where Gitea, GitLab and GitHub alike show a file of a branch, for repositories that are cloned over HTTPS. */
const defaultRunbooks = ({ repoUrl, revision }: Gitops): string =>
  `${repoUrl.replace(/\.git$/, '')}/blob/${revision}/docs/runbooks`;
