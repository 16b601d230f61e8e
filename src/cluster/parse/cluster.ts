/** From an unknown value to a `Cluster`. */
import type { Cluster } from '../cluster.js';
import type { NodeRole } from '../distribution.js';
import { type Duration, formatDuration } from '../duration.js';
import type { JivaSpec, SchedulerLeaseSpec } from '../spec/microk8s.js';
import type { K3sNodeSpec, Microk8sNodeSpec } from '../spec/nodes.js';
import type { ClusterSpec, K3sClusterSpec, Microk8sClusterSpec } from '../spec.js';
import { backup } from './backup.js';
import { CROSS_CHECKS } from './cross-checks.js';
import { type FieldsOutput, fields, optional } from './fields.js';
import * as hostSections from './host-sections.js';
import { type Issue, type Parsed, show } from './issue.js';
import { monitoring } from './monitoring.js';
import { integer, map, oneOf, type Parser, parse, record, refine, tagged } from './parser.js';
import { reachability } from './reachability.js';
import { REBOOT_DEFAULTS, reboots } from './reboots.js';
import { resolve } from './resolve.js';
import * as sections from './sections.js';
import * as storageSections from './storage-sections.js';
import * as value from './values.js';

/** Parses a spec. Every problem is reported at once; only what depends on a wrong part has to wait for it. */
export function parseCluster(input: unknown): Parsed<Cluster> {
  const names = nodeNames(input);
  const node = names.length === 0 ? value.dnsLabel : oneOf(...names);
  const parser = tagged('distribution', { k3s: k3s(node), microk8s: microk8s(node) });
  return parse(map(parser, resolve), input);
}

/** The names that other sections may refer to, known before the nodes themselves are parsed. */
function nodeNames(input: unknown): readonly string[] {
  const nodes: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'nodes') : undefined;
  return typeof nodes === 'object' && nodes !== null ? Object.keys(nodes) : [];
}

const common = (node: Parser<string>) => ({
  name: value.clusterName,
  gitops: sections.gitops,
  hosts: optional(hostSections.hosts(node), []),
  images: optional(sections.images, null),
  longhorn: optional(storageSections.longhorn, null),
  backup: optional(backup(node), null),
  dns: optional(sections.dns, null),
  monitoring: optional(monitoring(node), null),
  keepOff: optional(sections.keepOff(node), []),
  retiring: optional(sections.retiring, []),
  networkPolicies: optional(sections.networkPolicies, []),
  upgrades: optional(sections.upgrades, null),
  reboots: optional(reboots(node), REBOOT_DEFAULTS),
  reachability: optional(reachability(node), null),
});

const K3S_ROLES = { server: 'control-plane', agent: 'worker' } as const;

const k3sFields = (node: Parser<string>) => ({
  ...common(node),
  distribution: oneOf('k3s'),
  datastore: oneOf('sqlite', 'etcd'),
  nodes: record(
    value.dnsLabel,
    fields<K3sNodeSpec>()({
      ...sections.nodeFields,
      role: map(oneOf('server', 'agent'), (role): NodeRole => K3S_ROLES[role]),
    }),
    { min: 1 },
  ),
});

const k3s = (node: Parser<string>) =>
  fields<K3sClusterSpec>()(k3sFields(node), {
    elsewhere: keysOf('microk8s', 'cni', 'schedulerLease', 'jiva'),
    checks: CROSS_CHECKS,
  });

const schedulerLease = map(
  refine(
    fields<SchedulerLeaseSpec>()({
      leaseDuration: value.duration('4s', '5min'),
      renewDeadline: optional(value.duration('3s', '5min'), null),
      retryPeriod: optional(value.duration('1s', '1min'), { seconds: 2 }),
    }),
    leaseIssues,
  ),
  (lease) => ({ ...lease, renewDeadline: renewDeadlineOf(lease) }),
);

interface Lease {
  readonly leaseDuration: Duration;
  readonly renewDeadline: Duration | null;
  readonly retryPeriod: Duration;
}

function renewDeadlineOf({ renewDeadline, leaseDuration }: Lease): Duration {
  return renewDeadline ?? { seconds: Math.floor((leaseDuration.seconds * 3) / 4) };
}

/** kube-scheduler refuses to start with either of them. */
function leaseIssues(lease: Lease): readonly Issue[] {
  const { leaseDuration, retryPeriod } = lease;
  const renewDeadline = renewDeadlineOf(lease);
  const got = show(formatDuration(renewDeadline));
  return [
    ...(renewDeadline.seconds < leaseDuration.seconds
      ? []
      : [
          {
            path: 'renewDeadline',
            message: `expected less than leaseDuration (${formatDuration(leaseDuration)}), got ${got}`,
          },
        ]),
    ...(renewDeadline.seconds > 1.2 * retryPeriod.seconds
      ? []
      : [
          {
            path: 'renewDeadline',
            message: `expected more than 1.2 times retryPeriod (${formatDuration(retryPeriod)}), got ${got}${lease.renewDeadline === null ? ' (three quarters of leaseDuration)' : ''}`,
          },
        ]),
  ];
}

const microk8sFields = (node: Parser<string>) => ({
  ...common(node),
  distribution: oneOf('microk8s'),
  cni: oneOf('calico', 'flannel'),
  nodes: record(
    value.dnsLabel,
    fields<Microk8sNodeSpec>()({ ...sections.nodeFields, role: oneOf('control-plane', 'worker') }),
    { min: 1 },
  ),
  schedulerLease: optional(schedulerLease, null),
  jiva: optional(
    fields<JivaSpec>()({
      namespace: optional(value.dnsLabel, 'openebs'),
      replicas: optional(integer(1, 9), 3),
    }),
    null,
  ),
});

const microk8s = (node: Parser<string>) =>
  fields<Microk8sClusterSpec>()(microk8sFields(node), {
    elsewhere: keysOf('k3s', 'datastore'),
    checks: CROSS_CHECKS,
  });

/** What to say of a key that only the other distribution has. */
function keysOf<Name extends ClusterSpec['distribution']>(
  distribution: Name,
  ...keys: readonly (string & keyof Extract<ClusterSpec, { distribution: Name }>)[]
): ReadonlyMap<string, string> {
  return new Map<string, string>(keys.map((key) => [key, `distribution ${show(distribution)}`]));
}

/** A spec whose parts are all right, before the defaults that depend on other parts. */
export type ParsedSpec = FieldsOutput<ReturnType<typeof k3sFields>> | FieldsOutput<ReturnType<typeof microk8sFields>>;
