/** The guardrails on the objects that the reference clusters really render: one field is broken, its rule speaks up. */
import { describe, expect, test } from 'vitest';
import type { SnapshotsBackup } from '../../src/cluster/backup.js';
import type { Cluster } from '../../src/cluster/cluster.js';
import { checkGuardrails, GUARDRAILS } from '../../src/guardrails/index.js';
import type { Json, PlacedManifest } from '../../src/manifest/manifest.js';
import { renderCluster } from '../../src/synth/render.js';
import { homelab, pvek8s } from '../support/clusters.js';

type Objects = readonly PlacedManifest[];

const rendered = new Map(
  [homelab(), pvek8s()].map((cluster) => [cluster.name, { cluster, objects: renderCluster(cluster) }]),
);

function of(name: 'homelab' | 'pvek8s') {
  const found = rendered.get(name);
  if (found === undefined) throw new Error(`cluster '${name}': expected to be rendered`);
  return found;
}

/** Rewrites the one object `Kind name`; fails where it is not there or where nothing changes. */
function rewrite(objects: Objects, what: string, change: (text: string) => string): Objects {
  const [kind, name] = what.split(' ');
  const index = objects.findIndex(({ manifest }) => manifest.kind === kind && manifest.metadata.name === name);
  const object = objects[index];
  if (object === undefined) throw new Error(`object '${what}': expected among the rendered ones`);
  const before = JSON.stringify(object.manifest);
  const after = change(before);
  expect(after).not.toBe(before);
  return objects.with(index, { ...object, manifest: JSON.parse(after) });
}

/** Sets the field at a path of keys and indices; undefined takes it away. */
const set = (objects: Objects, what: string, path: readonly (string | number)[], value: Json | undefined): Objects =>
  rewrite(objects, what, (text) => {
    const copy: unknown = JSON.parse(text);
    const parent = path.slice(0, -1).reduce<unknown>((current, key) => {
      const next = typeof current === 'object' && current !== null ? Reflect.get(current, key) : undefined;
      if (typeof next !== 'object' || next === null)
        throw new Error(`${what}: expected ${path.join('.')} to have parents`);
      return next;
    }, copy);
    if (value === undefined) Reflect.deleteProperty(Object(parent), path.at(-1) ?? '');
    else Reflect.set(Object(parent), path.at(-1) ?? '', value);
    return JSON.stringify(copy);
  });

const POD = ['spec', 'template', 'spec'] as const;
const JOB_POD = ['spec', 'jobTemplate', 'spec', 'template', 'spec'] as const;
const OPTIONS = ['metadata', 'annotations', 'argocd.argoproj.io/sync-options'] as const;
const AUTOMATED = ['spec', 'syncPolicy', 'automated'] as const;

/** Guardrail, what is done, and the objects afterwards. */
const HOMELAB: readonly [string, string, (objects: Objects) => Objects][] = [
  [
    'no-nfs',
    'an NFS target',
    (o) => set(o, 'BackupTarget default', ['spec', 'backupTargetURL'], 'nfs://10.0.1.11:/backup'),
  ],
  [
    'no-nfs',
    'an NFS volume for the backup',
    (o) =>
      set(o, 'CronJob local-path-backup', [...JOB_POD, 'volumes', 0], {
        name: 'storage',
        nfs: { server: 'ultron', path: '/b' },
      }),
  ],
  [
    'no-nfs-egress',
    'egress to NFS',
    (o) => set(o, 'NetworkPolicy local-path-backup', ['spec', 'egress'], [{ ports: [{ port: 2049 }] }]),
  ],
  [
    'heavy-jobs-apart',
    "a drill ten minutes after Longhorn's snapshots",
    (o) => set(o, 'CronJob local-path-backup-drill', ['spec', 'schedule'], '10 3 * * sun'),
  ],
  [
    'backup-host-key-pinned',
    'any key that comes',
    (o) =>
      rewrite(o, 'ConfigMap local-path-backup-files', (text) =>
        text.replaceAll('StrictHostKeyChecking=yes', 'StrictHostKeyChecking=accept-new'),
      ),
  ],
  [
    'backup-bandwidth-limit',
    'no limit in the script',
    (o) => rewrite(o, 'ConfigMap local-path-backup-files', (text) => text.replaceAll(/\\"--bwlimit=[^ ]* /g, '')),
  ],
  [
    'backup-bandwidth-limit',
    'a limit of zero in the environment',
    (o) =>
      rewrite(o, 'CronJob local-path-backup', (text) =>
        text.replace(/("LOCAL_PATH_BACKUP_BANDWIDTH[A-Z_]*","value":)"5000"/, '$1"0"'),
      ),
  ],
  [
    'heavy-jobs-apart',
    'the backup at 02:40',
    (o) => set(o, 'CronJob local-path-backup', ['spec', 'schedule'], '40 2 * * *'),
  ],
  [
    'heavy-jobs-apart',
    'the snapshot in the upgrade window',
    (o) => set(o, 'RecurringJob daily-snapshot', ['spec', 'cron'], '0 12 * * *'),
  ],
  [
    'job-ends',
    'no deadline',
    (o) => set(o, 'CronJob local-path-backup', ['spec', 'jobTemplate', 'spec', 'activeDeadlineSeconds'], undefined),
  ],
  ['longhorn-has-recurring-job', 'no group', (o) => set(o, 'RecurringJob daily-snapshot', ['spec', 'groups'], [])],
  [
    'longhorn-volumes-covered',
    'a job for the volumes that are left out',
    (o) => set(o, 'RecurringJob daily-snapshot', ['spec', 'groups'], ['default', 'left-out']),
  ],
  [
    'longhorn-backup-off-cluster',
    'a bucket that nothing is sent to',
    (o) => set(o, 'BackupTarget default', ['spec', 'backupTargetURL'], 's3://volumes@eu-1/'),
  ],
  [
    'rcu-watchdog-above-noise',
    'a threshold of 3 on the host',
    (o) =>
      rewrite(o, 'ConfigMap jarvis-node-bootstrap', (text) =>
        text.replace('RCU_WATCHDOG_SUSTAINED_STALLS=10', 'RCU_WATCHDOG_SUSTAINED_STALLS=3'),
      ),
  ],
  [
    'rcu-watchdog-after-grace',
    'a grace of one minute on the host',
    (o) =>
      rewrite(o, 'ConfigMap jarvis-node-bootstrap', (text) =>
        text.replace('RCU_WATCHDOG_GRACE_SECONDS=1200', 'RCU_WATCHDOG_GRACE_SECONDS=60'),
      ),
  ],
  [
    'rcu-watchdog-after-grace',
    'windows without a floor',
    (o) =>
      rewrite(o, 'ConfigMap node-bootstrap-programs', (text) =>
        text.replaceAll('if (at < grace_seconds && grace_clips) return', ''),
      ),
  ],
  [
    'rcu-watchdog-after-grace',
    'windows that are told to reach back',
    (o) => rewrite(o, 'ConfigMap node-bootstrap-programs', (text) => text.replaceAll('grace_clips=1', 'grace_clips=0')),
  ],
  [
    'rcu-watchdog-knows-peers',
    'a peer that nobody is told of',
    (o) => rewrite(o, 'ConfigMap jarvis-node-bootstrap', (text) => text.replaceAll('ultron 10.0.1.11 ', 'ultron ')),
  ],
  [
    'hardware-watchdog-fits-board',
    '30 seconds on a Raspberry Pi',
    (o) =>
      rewrite(o, 'ConfigMap ultron-node-bootstrap', (text) =>
        text.replace('RuntimeWatchdogSec=14s', 'RuntimeWatchdogSec=30s'),
      ),
  ],
  [
    'panic-reboots',
    'a panic that stands still',
    (o) =>
      rewrite(o, 'ConfigMap jarvis-node-bootstrap', (text) => text.replace('kernel.panic = 10', 'kernel.panic = 0')),
  ],
  ['one-node-at-a-time', 'two nodes in parallel', (o) => set(o, 'Plan os-upgrade-workers', ['spec', 'concurrency'], 2)],
  [
    'one-node-at-a-time',
    'a control plane without a gate',
    (o) => set(o, 'Plan os-upgrade-control-plane', ['spec', 'prepare'], undefined),
  ],
  [
    'required-placement',
    'Grafana that only prefers',
    (o) =>
      set(o, 'Application selfheal-monitoring', ['spec', 'source', 'helm', 'valuesObject', 'grafana', 'affinity'], {
        nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 1, preference: {} }] },
      }),
  ],
  [
    'required-node-exists',
    'a node that is not there',
    (o) => set(o, 'CronJob local-path-backup', [...JOB_POD, 'nodeSelector'], { 'kubernetes.io/hostname': 'friday' }),
  ],
  [
    'rollout-can-finish',
    'a pod more before one goes',
    (o) => set(o, 'Deployment coredns', ['spec', 'strategy'], { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } }),
  ],
  ['rollout-can-finish', 'more replicas than nodes', (o) => set(o, 'Deployment coredns', ['spec', 'replicas'], 3)],
  ['dns-on-two-nodes', 'one replica', (o) => set(o, 'Deployment coredns', ['spec', 'replicas'], 1)],
  [
    'foreign-object-protected',
    'CoreDNS that may be pruned',
    (o) => set(o, 'Deployment coredns', OPTIONS, 'ServerSideApply=true,Validate=false'),
  ],
  [
    'foreign-object-protected',
    'CoreDNS as our own',
    (o) => set(o, 'Deployment coredns', ['metadata', 'annotations'], {}),
  ],
  [
    'foreign-object-protected',
    'an Application that gives up',
    (o) => set(o, 'Application selfheal-longhorn-csi-spread', ['spec', 'syncPolicy', 'retry'], { limit: 5 }),
  ],
  [
    'application-keeps-itself',
    'a root that prunes',
    (o) => set(o, 'Application selfheal-root', [...AUTOMATED, 'prune'], true),
  ],
  [
    'application-keeps-itself',
    'an Application that may be empty',
    (o) => set(o, 'Application selfheal-coredns', [...AUTOMATED, 'allowEmpty'], true),
  ],
  [
    'application-keeps-itself',
    'a project without protection',
    (o) => set(o, 'AppProject selfheal-homelab', OPTIONS, 'Prune=false'),
  ],
  [
    'known-sync-options',
    'a word in the wrong place',
    (o) =>
      set(
        o,
        'Application selfheal-longhorn',
        ['spec', 'syncPolicy', 'syncOptions', 0],
        'preserveResourcesOnDeletion=true',
      ),
  ],
  [
    'one-owner',
    'CoreDNS twice',
    (o) => [
      ...o,
      ...o.filter(({ application }) => application === 'coredns').map((object) => ({ ...object, application: 'dns' })),
    ],
  ],
  [
    'wave-can-end',
    'a wave behind the bootstrap',
    (o) =>
      set(o, 'DaemonSet jarvis-node-bootstrap', ['metadata', 'annotations'], { 'argocd.argoproj.io/sync-wave': '-1' }),
  ],
  [
    'no-secret-data',
    'a password for Grafana',
    (o) =>
      set(
        o,
        'Application selfheal-monitoring',
        ['spec', 'source', 'helm', 'valuesObject', 'grafana', 'adminPassword'],
        'hunter2',
      ),
  ],
  [
    'ssh-key-private',
    'fsGroup',
    (o) => set(o, 'CronJob local-path-backup', [...JOB_POD, 'securityContext', 'fsGroup'], 0),
  ],
  [
    'ssh-key-private',
    'a key for the group',
    (o) => rewrite(o, 'CronJob local-path-backup', (text) => text.replace('"defaultMode":256', '"defaultMode":288')),
  ],
  [
    'script-in-file',
    'a script in the arguments',
    (o) => set(o, 'CronJob local-path-backup', [...JOB_POD, 'containers', 0, 'command'], ['sh', '-c', 'exec ssh "$@"']),
  ],
  [
    'version-pinned',
    'a floating image',
    (o) => set(o, 'CronJob local-path-backup', [...JOB_POD, 'containers', 0, 'image'], 'alpine:latest'),
  ],
  [
    'version-pinned',
    'a floating chart',
    (o) => set(o, 'Application selfheal-monitoring', ['spec', 'source', 'targetRevision'], '88.x'),
  ],
  [
    'version-pinned',
    'an image that is always pulled',
    (o) => set(o, 'DaemonSet jarvis-node-bootstrap', [...POD, 'containers', 0, 'imagePullPolicy'], 'Always'),
  ],
  [
    'nothing-installed',
    'an installation',
    (o) =>
      rewrite(o, 'ConfigMap local-path-backup-files', (text) => text.replace('set -eu', 'set -eu\\napk add rsync')),
  ],
  [
    'container-resources',
    'no limit on memory',
    (o) => set(o, 'DaemonSet ultron-node-bootstrap', [...POD, 'containers', 0, 'resources', 'limits'], undefined),
  ],
  [
    'privilege-has-reason',
    'a privileged backup',
    (o) => set(o, 'CronJob local-path-backup', [...JOB_POD, 'containers', 0, 'securityContext', 'privileged'], true),
  ],
  [
    'privilege-has-reason',
    'a watch that is privileged where it need not be',
    (o) => set(o, 'DaemonSet jarvis-node-bootstrap', [...POD, 'containers', 0, 'securityContext', 'privileged'], true),
  ],
  ['no-state-of-ours', 'a StatefulSet', (o) => set(o, 'DaemonSet jarvis-node-bootstrap', ['kind'], 'StatefulSet')],
];

const PVEK8S: readonly [string, string, (objects: Objects) => Objects][] = [
  [
    'scheduler-lease-order',
    "MicroK8s's own renew deadline",
    (o) =>
      rewrite(o, 'ConfigMap pvek8s-node-bootstrap', (text) => text.replace('renew-deadline 15s', 'renew-deadline 30s')),
  ],
  [
    'one-node-at-a-time',
    'a bootstrap on all nodes at once',
    (o) =>
      set(o, 'DaemonSet pvek8s-node-bootstrap', ['spec', 'updateStrategy'], {
        rollingUpdate: { maxUnavailable: '100%' },
      }),
  ],
  [
    'dns-on-two-nodes',
    'nothing that keeps apart',
    (o) => set(o, 'Deployment coredns', [...POD, 'affinity'], undefined),
  ],
  [
    'required-placement',
    'cloudflared anywhere',
    (o) => set(o, 'Deployment cloudflared', [...POD, 'affinity'], undefined),
  ],
  [
    'required-node-exists',
    'a node that is misspelt',
    (o) => rewrite(o, 'Deployment cloudflared', (text) => text.replace('k8s02', 'k8s2')),
  ],
];

const withBackup = (cluster: Cluster, change: (backup: SnapshotsBackup) => SnapshotsBackup): Cluster =>
  cluster.backup?.form === 'snapshots' ? { ...cluster, backup: change(cluster.backup) } : cluster;

/** Where the lesson is about the description. */
const DESCRIPTIONS: readonly [string, string, (cluster: Cluster) => Cluster][] = [
  ['nfs-by-name', 'NFS by name', withKernelNfs],
  ['nfs-soft-and-bounded', 'NFS by name without bounds', withKernelNfs],
  [
    'backup-leaves-the-node',
    'a backup to itself',
    (c) => withBackup(c, (backup) => ({ ...backup, to: { ...backup.to, host: '10.0.1.10' } })),
  ],
  [
    'retention-keeps-last-good',
    'two days of snapshots',
    (c) => withBackup(c, (backup) => ({ ...backup, keep: { snapshots: 3, within: { seconds: 172_800 } } })),
  ],
  [
    'backup-runs-apart',
    'a drill while the backup runs',
    (c) =>
      withBackup(c, (backup) => ({
        ...backup,
        drill: backup.drill && {
          ...backup.drill,
          schedule: { ...backup.drill.schedule, at: { hour: 4, minute: 0 } },
        },
      })),
  ],
  ['dns-left-alone', 'no word about DNS', (c) => ({ ...c, dns: null })],
  [
    'somebody-is-told',
    'alerts that go to nobody',
    (c) => ({ ...c, monitoring: c.monitoring && { ...c.monitoring, notify: null } }),
  ],
  [
    'rcu-watchdog-knows-peers',
    'a peer by name',
    (c) => ({ ...c, nodes: c.nodes.map((node) => ({ ...node, address: `${node.name}.lan` })) }),
  ],
  [
    'rcu-watchdog-sees-burst',
    'a look every five minutes',
    (c) => ({
      ...c,
      hosts: c.hosts.map((group) => ({
        ...group,
        rcuWatchdog: group.rcuWatchdog && { ...group.rcuWatchdog, form: 'timer', checkEvery: { seconds: 300 } },
      })),
    }),
  ],
];

function withKernelNfs(cluster: Cluster): Cluster {
  const backupTarget = { kind: 'kernel-nfs', server: 'nas.lan', path: '/backup' } as const;
  return { ...cluster, longhorn: cluster.longhorn && { ...cluster.longhorn, backupTarget } };
}

const idsOf = (cluster: Cluster, objects: Objects): readonly string[] => [
  ...new Set(checkGuardrails({ cluster, objects }).map(({ guardrail }) => guardrail.id)),
];

describe('a guardrail on a rendered cluster', () => {
  test('is tried by at least one change', () => {
    const tried = new Set([...HOMELAB, ...PVEK8S, ...DESCRIPTIONS].map(([id]) => id));

    expect(GUARDRAILS.map(({ id }) => id).filter((id) => !tried.has(id))).toEqual([]);
  });

  test('has nothing to say before the change', () => {
    for (const { cluster, objects } of rendered.values()) expect(idsOf(cluster, objects)).toEqual([]);
  });

  test.each(HOMELAB)('%s refuses %s in homelab', (id, _, change) => {
    const { cluster, objects } = of('homelab');

    expect(idsOf(cluster, change(objects))).toContain(id);
  });

  test.each(PVEK8S)('%s refuses %s in pvek8s', (id, _, change) => {
    const { cluster, objects } = of('pvek8s');

    expect(idsOf(cluster, change(objects))).toContain(id);
  });

  test.each(DESCRIPTIONS)('%s refuses %s in the description of homelab', (id, _, change) => {
    const { cluster, objects } = of('homelab');
    const target = set(objects, 'BackupTarget default', ['spec', 'backupTargetURL'], 'nfs://nas.lan:/backup');

    expect(idsOf(change(cluster), id.startsWith('nfs-') ? target : objects)).toContain(id);
  });

  test('is not set off by a change of another kind', () => {
    const { cluster, objects } = of('homelab');

    const changed = set(objects, 'CronJob local-path-backup', ['spec', 'schedule'], '0 2 * * *');

    expect(idsOf(cluster, changed)).toEqual([]);
  });
});
