/** From a parsed spec to a `Cluster`: names become nodes, and what one part leaves out another decides. */
import type { Cluster, ClusterNode, Gitops, HostGroup, Images, Monitoring, RebootSsh, Reboots } from '../cluster.js';
import { DISTRIBUTIONS } from '../distribution.js';
import type { Duration } from '../duration.js';
import { formatImage } from '../image.js';
import { IMAGES, MICROK8S_COREDNS } from '../versions.js';
import type { ParsedSpec } from './cluster.js';
import { resolveBackup } from './resolve-backup.js';

export function resolve(parsed: ParsedSpec): Cluster {
  const nodes = [...parsed.nodes].map(([name, node]) => ({ name, ...node }));
  const named = (name: string): ClusterNode => {
    const node = nodes.find((candidate) => candidate.name === name);
    if (node === undefined)
      throw new Error(`node '${name}': expected a key of nodes (the parser has looked), got none`);
    return node;
  };
  const controlPlane = nodes.find(({ role }) => role === 'control-plane');
  if (controlPlane === undefined)
    throw new Error(`cluster '${parsed.name}': expected a control plane (the parser has looked), got none`);
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
    images: resolveImages(parsed),
    longhorn: parsed.longhorn,
    backup: backup && resolveBackup(backup, named(backup.from)),
    dns: parsed.dns,
    monitoring: parsed.monitoring && resolveMonitoring(parsed.monitoring, gitops, named),
    keepOff: parsed.keepOff.map((entry) => ({ ...entry, nodes: entry.nodes.map(named) })),
    retiring: parsed.retiring,
    networkPolicies: parsed.networkPolicies,
    upgrades: upgrades && { ...upgrades, timeZone: controlPlane.timeZone },
    reboots: resolveReboots(parsed.reboots, controlPlane, named),
    reachability: reachability && { ...reachability, nodes: reachability.nodes?.map(named) ?? nodes },
    ...microk8sOnly,
  };
}

function resolveReboots(
  { ssh, ...reboots }: ParsedSpec['reboots'],
  { timeZone }: ClusterNode,
  named: (name: string) => ClusterNode,
): Reboots {
  const { schedule } = reboots;
  return {
    ...reboots,
    schedule: schedule && { ...schedule, timeZone: schedule.timeZone ?? timeZone },
    ssh: ssh === null ? new Map() : resolveSsh(ssh, named),
  };
}

function resolveSsh(
  { nodes, ...all }: NonNullable<ParsedSpec['reboots']['ssh']>,
  named: (name: string) => ClusterNode,
): Reboots['ssh'] {
  const resolved = [...nodes].map(([name, own]): [string, RebootSsh] => {
    const user = own.user ?? all.user;
    const sudo = own.sudo ?? all.sudo ?? user !== 'root';
    const { hostKey } = own;
    return [name, { host: own.host ?? named(name).address, port: own.port ?? all.port, user, sudo, hostKey }];
  });
  return new Map(resolved);
}

function resolveImages({ images }: ParsedSpec): Images {
  const { alpine = null, coredns = null, node = null } = images ?? {};
  return {
    alpine: alpine ? formatImage(alpine) : IMAGES.alpine,
    node: node ? formatImage(node) : IMAGES.node,
    coredns: coredns ? formatImage(coredns) : MICROK8S_COREDNS.image,
  };
}

/** BCM2835: facts in docs/incidents.md, "hardware watchdog". */
const WATCHDOG_DEFAULTS = {
  'raspberry-pi': { runtimeTimeout: { seconds: 14 }, rebootTimeout: { seconds: 14 } },
  generic: { runtimeTimeout: { seconds: 30 }, rebootTimeout: { seconds: 600 } },
} as const satisfies Record<ClusterNode['board'], { runtimeTimeout: Duration; rebootTimeout: Duration }>;

/** The DaemonSet's name, also where the description leaves it out. */
export const hostGroupName = (cluster: string, { name, nodes }: ParsedSpec['hosts'][number]): string =>
  name ?? `${nodes.length === 1 ? nodes[0] : cluster}-node-bootstrap`;

function resolveHosts(cluster: string, group: ParsedSpec['hosts'][number], nodes: readonly ClusterNode[]): HostGroup {
  const [first] = nodes;
  if (first === undefined)
    throw new Error(`hosts of cluster '${cluster}': expected a node in each entry (the parser has looked), got none`);
  const { role, board, bootLoader } = first;
  const { driftCheck, onDrift, state } = group;
  const name = hostGroupName(cluster, group);
  const common = { name, nodes, role, board, bootLoader, driftCheck, onDrift, state };
  if (state === 'absent') return { ...common, ...NOTHING_ASKED };
  const watchdog = group.kernel?.hardwareWatchdog ?? null;
  return {
    ...common,
    rcuWatchdog: group.rcuWatchdog,
    sandboxCleanup: group.sandboxCleanup,
    checks: group.checks,
    hungTask: group.kernel?.hungTask ?? null,
    hardwareWatchdog: watchdog && {
      device: watchdog.device,
      runtimeTimeout: watchdog.runtimeTimeout ?? WATCHDOG_DEFAULTS[board].runtimeTimeout,
      rebootTimeout: watchdog.rebootTimeout ?? WATCHDOG_DEFAULTS[board].rebootTimeout,
    },
    kernelArguments: group.kernel?.arguments ?? [],
    moduleParameters: [...(group.kernel?.parameters ?? [])].map(([key, value]) => {
      const dot = key.indexOf('.');
      return { module: key.slice(0, dot), name: key.slice(dot + 1), value };
    }),
  };
}

/** A host that is to be left as it was found has nothing to alert on either. */
const NOTHING_ASKED = {
  rcuWatchdog: null,
  sandboxCleanup: null,
  checks: null,
  hungTask: null,
  hardwareWatchdog: null,
  kernelArguments: [],
  moduleParameters: [],
} as const;

/** The release name decides the label by which the chart's Prometheus selects rules. */
const CHART_RELEASE = 'kube-prometheus-stack';
const CHART_LABELS: ReadonlyMap<string, string> = new Map([['release', CHART_RELEASE]]);

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
        ruleLabels: CHART_LABELS,
        alertmanagerConfigLabels: CHART_LABELS,
        notify: monitoring.notify,
        textfileCollector: true,
        notScraped: [],
        runbookBaseUrl,
        chart: {
          requiredNode: named(monitoring.requiredNode),
          releaseName: CHART_RELEASE,
          storage: monitoring.storage,
          grafanaAdminSecret: monitoring.grafanaAdminSecret,
        },
      };
}

/** Where GitHub and GitLab show a folder of a branch. */
function defaultRunbooks({ repoUrl, revision }: Gitops): string {
  const url = repoUrl.replace(/\.git$/, '');
  // The port of SSH is not that of the pages.
  const ssh = /^(?:ssh:\/\/[\w.-]+@(?<host>[\w.-]+)(?::\d+)?\/|[\w.-]+@(?<name>[\w.-]+):)(?<path>.+)$/.exec(
    url,
  )?.groups;
  const page = ssh === undefined ? url : `https://${ssh.host ?? ssh.name}/${ssh.path}`;
  return `${page}/blob/${revision}/docs/runbooks`;
}
