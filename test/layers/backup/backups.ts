/** Descriptions of backups for tests, and the parts of what they are rendered into. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { MINIMAL_SPEC, objectsOf, parsed } from '../../support/clusters.js';

export const FOLDER = 'local-path-backup';

export const BACKUP = {
  from: 'lamp',
  to: {
    host: '192.0.2.20',
    user: 'keeper',
    path: '/copies/attic',
    hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPF3wCxAKmrZ0J3jMQCYfn3BjexVcO4ReLeSYaAnrKBV',
  },
  at: '04:45',
  bandwidthLimitKibPerSecond: 800,
  keySecret: { name: 'copy-key', key: 'private-key' },
} as const;

const { from: _, ...COPY } = BACKUP;

export const OFFSITE = {
  ...COPY,
  to: { ...BACKUP.to, host: 'vault.example', user: 'attic', path: '/vault', port: 2222 },
  at: '22:10',
  bandwidthLimitKibPerSecond: 90,
  keySecret: { name: 'vault-key', key: 'id' },
  deadline: '5h',
} as const;

/** With all three CronJobs and two hooks, one of them in a namespace of its own and with a token. */
export const WHOLE = {
  ...BACKUP,
  name: 'nightly',
  deadline: '1h',
  exclude: ['media/cache', 'tmp/scratch'],
  maxShrinkPercent: 30,
  hooks: [
    {
      volume: 'home/ha',
      before: { url: 'http://ha.home:8123/off', body: '{"a":1}' },
      after: { url: 'http://ha.home:8123/on' },
      tokenSecret: { name: 'ha-token', key: 'token' },
      timeout: '45s',
    },
    { volume: 'db/data', before: { url: 'https://192.0.2.40/lock' }, after: { url: 'https://192.0.2.40/unlock' } },
  ],
  drill: { day: 'tuesday', at: '13:05', scratchGibibytes: 2 },
  offsite: OFFSITE,
} as const;

export const atticWith = (backup: object): Cluster => parsed({ ...MINIMAL_SPEC, backup: { ...BACKUP, ...backup } });
export const whole = (changes: object = {}): Cluster => atticWith({ ...WHOLE, ...changes });
export const mirror = (): Cluster => atticWith({ form: 'mirror' });

/** The parts of a rendered CronJob that the tests look at. */
export interface JobSpec {
  readonly activeDeadlineSeconds: number;
  readonly podFailurePolicy: unknown;
  readonly template: {
    readonly metadata: { readonly annotations: Readonly<Record<string, string>>; readonly labels: unknown };
    readonly spec: PodSpec;
  };
}

interface PodSpec {
  readonly nodeSelector: unknown;
  readonly tolerations: unknown;
  readonly securityContext: object;
  readonly terminationGracePeriodSeconds: number;
  readonly volumes: readonly { readonly name: string; readonly hostPath?: { readonly path: string } }[];
  readonly containers: readonly ContainerSpec[];
}

interface ContainerSpec {
  readonly securityContext: unknown;
  readonly command: readonly string[];
  readonly args?: unknown;
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly volumeMounts: readonly {
    readonly name: string;
    readonly mountPath: string;
    readonly readOnly?: boolean;
  }[];
}

export function find(cluster: Cluster, kind: string, name: string): Manifest {
  const objects = objectsOf(cluster, FOLDER);
  const object = objects.find((each) => each.kind === kind && each.metadata.name === name);
  if (object === undefined)
    throw new Error(`objects: expected ${kind} '${name}', got ${objects.map((each) => each.metadata.name)}`);
  return object;
}

export const jobOf = (cluster: Cluster, name: string = FOLDER): JobSpec =>
  (find(cluster, 'CronJob', name).spec as unknown as { readonly jobTemplate: { readonly spec: JobSpec } }).jobTemplate
    .spec;

export const podOf = (cluster: Cluster, name?: string): PodSpec => jobOf(cluster, name).template.spec;

export function containerOf(cluster: Cluster, name?: string): ContainerSpec {
  const [only, ...others] = podOf(cluster, name).containers;
  if (only === undefined || others.length > 0) throw new Error('pod: expected one container');
  return only;
}

/** By their names without `LOCAL_PATH_BACKUP_`. */
export const settingsOf = (cluster: Cluster, name?: string): Readonly<Record<string, string>> =>
  Object.fromEntries(
    containerOf(cluster, name).env.flatMap((each) =>
      each.name === 'HOME' ? [] : [[each.name.replace('LOCAL_PATH_BACKUP_', ''), each.value]],
    ),
  );

export const filesOf = (cluster: Cluster, name: string = `${FOLDER}-files`): Readonly<Record<string, string>> =>
  (find(cluster, 'ConfigMap', name).data ?? {}) as Readonly<Record<string, string>>;
