/**
 * A Job that restores one volume on a node; for kubectl, not for Git: a restore happens once.
 *
 * It brings its scripts, the pinned host key and its network policy along, because the cluster that it helps may have
 * nothing of ours yet. Only the SSH key has to be there.
 */
import { ApiObject, App } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { ApplicationChart } from '../../argo/application-chart.js';
import type { BackupCopy } from '../../cluster/backup.js';
import type { ClusterNode } from '../../cluster/cluster.js';
import { hours } from '../../cluster/duration.js';
import type { Manifest } from '../../manifest/manifest.js';
import { privilegeAnnotations } from '../../manifest/privileges.js';
import { addBackupNetworkPolicy } from './backup-network-policy.js';
import { backupPod } from './backup-pod.js';
import { serverConnection } from './connection.js';
import { jobEnd } from './job-end.js';
import type { Piece } from './pieces.js';
import { KNOWN_HOSTS, knownHosts, podScripts } from './pod-files.js';
import { READ_BACK_CAPABILITIES, RESTORE_PRIVILEGES } from './privileges.js';
import { RESTORE_SCRIPTS } from './restore-scripts.js';
import { podLabels, type Run } from './run.js';

interface RestoreJobProps {
  readonly copy: BackupCopy;

  /** Where it runs, and the host's programs with it. */
  readonly node: ClusterNode;

  /** The namespace of the Job: of the SSH key, and of the claim where one is restored into. */
  readonly namespace: string;
  readonly image: string;

  /** `namespace/claim`, or the folder's name. */
  readonly volume: string;

  /** Its name, or `latest`. */
  readonly snapshot: string;
  readonly into: RestoreTarget;

  /** False: the Job only says what it would do. */
  readonly apply: boolean;
}

export type RestoreTarget =
  /** A folder of the node with at least one folder above it. */
  { readonly kind: 'folder'; readonly path: string } | { readonly kind: 'claim'; readonly name: string };

const INTO = '/into';

/** What a large volume over a limited line may take; a restore that was stopped goes on where it was. */
const DEADLINE = hours(24);
const ATTEMPT_SECONDS = DEADLINE.seconds * 0.9;

/** The Job's log stays readable for so long. */
const KEPT = hours(24);

export const restoreJobName = (apply: boolean): string => (apply ? 'selfheal-restore' : 'selfheal-restore-plan');

export function restoreJob(props: RestoreJobProps): readonly Manifest[] {
  const { copy, node, namespace, into, image } = props;
  const name = restoreJobName(props.apply);
  const configMap = `${name}-files`;
  const { settings, pieces } = serverConnection(copy, node, configMap);
  const target = targetOf(into, props.apply);
  const run: Run = {
    name,
    namespace,
    node,
    deadline: DEADLINE,
    script: 'restore.sh',
    container: 'restore',
    hopeless: [1, 2],
    capabilities: READ_BACK_CAPABILITIES,
    privileges: { ...RESTORE_PRIVILEGES, ...target.privileges },
    to: copy.to,
    hooks: [],
    settings,
    pieces: [...pieces, target.piece],
  };

  const chart = new ApplicationChart(new App(), name, {
    ownership: 'owned',
    description: 'A restore, once.',
    namespaces: [namespace],
  });
  const scripts = podScripts('snapshots');
  const data = {
    ...Object.fromEntries(RESTORE_SCRIPTS.map((part) => [part, scripts[part] ?? ''])),
    [KNOWN_HOSTS]: knownHosts(copy.to),
  };
  new k8s.KubeConfigMap(chart, 'Files', { metadata: { name: configMap, namespace }, data });
  addBackupNetworkPolicy(chart, run);
  addJob(chart, run, image, {
    VOLUME: props.volume,
    SNAPSHOT: props.snapshot,
    INTO: target.path,
    APPLY: props.apply ? 'yes' : 'no',
    TIMEOUT_SECONDS: String(ATTEMPT_SECONDS),
  });
  return chart.node
    .findAll()
    .filter(ApiObject.isApiObject)
    .map((object) => object.toJson() as Manifest); // What cdk8s gives is the object as Kubernetes takes it.
}

function addJob(chart: ApplicationChart, run: Run, image: string, asked: Readonly<Record<string, string>>): void {
  const { name, namespace } = run;
  const pod = backupPod(run, image);
  const env = Object.entries(asked).map(([setting, value]) => ({ name: `LOCAL_PATH_RESTORE_${setting}`, value }));
  new k8s.KubeJob(chart, 'Job', {
    metadata: { name, namespace, labels: podLabels(name), annotations: privilegeAnnotations(run.privileges) },
    spec: {
      ...jobEnd(run),
      ttlSecondsAfterFinished: KEPT.seconds,
      template: {
        metadata: { labels: podLabels(name) },
        spec: {
          ...pod,
          containers: pod.containers.map((container) => ({ ...container, env: [...(container.env ?? []), ...env] })),
        },
      },
    },
  });
}

/** A folder is reached through the one above it, because it may have to be made. A plan cannot write to either. */
function targetOf(into: RestoreTarget, apply: boolean) {
  const piece = (volume: object): Piece => ({
    volume: { name: 'into', ...volume },
    mount: { name: 'into', mountPath: INTO, readOnly: !apply },
  });
  if (into.kind === 'claim')
    return { piece: piece({ persistentVolumeClaim: { claimName: into.name } }), path: INTO, privileges: {} };
  const at = into.path.lastIndexOf('/');
  return {
    piece: piece({ hostPath: { path: into.path.slice(0, at), type: 'Directory' } }),
    path: `${INTO}${into.path.slice(at)}`,
    privileges: {
      'host-path-into': apply
        ? 'the volume is restored into one new or empty folder below it; nothing else there is touched'
        : 'it looks whether the volume could be restored there; read only',
    },
  };
}
