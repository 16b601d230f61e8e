/** What a look at a live cluster found for its checks, as plain data: what they answer is decided from it alone. */
import type { Cluster } from '../../cluster/cluster.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import type { Manifest } from '../../manifest/manifest.js';
import type { HostReport } from './host-report.js';
import type { CheckResult } from './result.js';

/** A check, decided without asking anybody. */
export interface HealthCheck {
  readonly id: string;

  /** One line for the list of checks. */
  readonly summary: string;

  /** What it reads. Gathered once for all checks that are asked. */
  readonly asks: readonly FactName[];

  /** Not asked where the description has nothing for it. @default every cluster */
  readonly applies?: (cluster: Cluster) => boolean;

  readonly answer: (facts: CheckFacts) => readonly CheckResult[];
}

export interface CheckFacts {
  readonly cluster: Cluster;

  /** The node that is to go down: each check answers for the cluster without it. Null: health alone. */
  readonly node: string | null;

  /** Milliseconds since 1970 by the API server's clock, never by this machine's. */
  readonly now: Answer<number>;

  /** Every object of a kind. @throws Error for a kind that the check does not ask for: it is no empty list. */
  readonly of: (name: KindName) => Answer<readonly LiveObject[]>;

  /** What node-bootstrap last reported of a host. For who asks for `hostReports`. */
  readonly host: (node: string) => Answer<HostReport>;

  /** Rendered from the description. For who asks for `described`. */
  readonly described: readonly DescribedObject[];

  /** What the cluster has of the described patches of others' objects. For who asks for `patched`. */
  readonly patched: readonly PatchedObject[];
}

export interface DescribedObject {
  /** The Application that holds it, by name. */
  readonly application: string;
  readonly manifest: Manifest;
}

export interface PatchedObject extends DescribedObject {
  readonly live: Answer<LiveObject | null>;
}

/** The kinds that checks read. Secrets are not among them. */
export const FACT_KINDS = {
  nodes: { apiVersion: 'v1', kind: 'Node' },
  pods: { apiVersion: 'v1', kind: 'Pod' },
  events: { apiVersion: 'v1', kind: 'Event' },
  claims: { apiVersion: 'v1', kind: 'PersistentVolumeClaim' },
  leases: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease' },
  budgets: { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget' },
  cronJobs: { apiVersion: 'batch/v1', kind: 'CronJob' },
  jobs: { apiVersion: 'batch/v1', kind: 'Job' },
  applications: { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application' },
  plans: { apiVersion: 'upgrade.cattle.io/v1', kind: 'Plan' },
  jivaVolumes: { apiVersion: 'openebs.io/v1alpha1', kind: 'JivaVolume' },
  jivaVolumesV1: { apiVersion: 'openebs.io/v1', kind: 'JivaVolume' },
  longhornNodes: { apiVersion: 'longhorn.io/v1beta2', kind: 'Node' },
  longhornVolumes: { apiVersion: 'longhorn.io/v1beta2', kind: 'Volume' },
  longhornEngines: { apiVersion: 'longhorn.io/v1beta2', kind: 'Engine' },
  longhornReplicas: { apiVersion: 'longhorn.io/v1beta2', kind: 'Replica' },
  longhornSettings: { apiVersion: 'longhorn.io/v1beta2', kind: 'Setting' },
} as const;

export type KindName = keyof typeof FACT_KINDS;
export type FactName = KindName | 'hostReports' | 'described' | 'patched';
