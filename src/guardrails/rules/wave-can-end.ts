/** No sync wave waits for something whose health may never come. */

import { numberAt, textAt } from '../../manifest/json.js';
import { describe, type Manifest, type PlacedManifest } from '../../manifest/manifest.js';
import { waveOf } from '../argo.js';
import type { Guardrail, Violation } from '../guardrail.js';

export const waveCanEnd: Guardrail = {
  id: 'wave-can-end',
  severity: 'error',
  lesson:
    'A wave waits until all of it is healthy: a DaemonSet with a pod on a dead node holds back everything that was to heal the node.',
  incident: 'argocd-wiped',
  check: ({ objects }) => wavesThatMayNotEnd(objects),
};

interface Waiting extends Violation {
  readonly manifest: Manifest;
}

/** What may hold a sync for ever, each with the object that does. */
export const wavesThatMayNotEnd = (objects: readonly PlacedManifest[]): readonly Waiting[] => [
  ...[...byApplication(objects).values()].flatMap(waits),
  ...objects.flatMap(({ manifest }) => endlessHook(manifest)),
];

/** Why a kind may stay unhealthy. Kinds without a health check (ConfigMap, RBAC, most custom resources) never hold a wave. */
const MAY_NEVER_BE_HEALTHY: ReadonlyMap<string, string> = new Map([
  ['DaemonSet', 'one dead node keeps it Progressing'],
  ['CronJob', 'a failed last run makes it Degraded until the next night'],
  ['Deployment', 'a pod that cannot be placed keeps it Progressing'],
  ['StatefulSet', 'a pod that cannot be placed keeps it Progressing'],
  ['ReplicaSet', 'a pod that cannot be placed keeps it Progressing'],
  ['Pod', 'it may never become Ready'],
  ['Job', 'it may never end'],
  ['Application', 'Argo CD has had no health check for it since 1.8 unless one is configured'],
  ['PersistentVolumeClaim', 'it is not bound before a pod uses it'],
  ['Ingress', 'it may never get an address'],
  ['HorizontalPodAutoscaler', 'it needs metrics that may be missing'],
  ['APIService', 'it is unavailable while its server is'],
]);

const HOOK = 'argocd.argoproj.io/hook';

const isHook = ({ metadata: { annotations } }: Manifest): boolean => annotations?.[HOOK] !== undefined;

function byApplication(objects: readonly PlacedManifest[]): ReadonlyMap<string, readonly Manifest[]> {
  const groups = new Map<string, Manifest[]>();
  for (const { application, manifest } of objects) {
    if (isHook(manifest)) continue;
    const group = groups.get(application);
    if (group) group.push(manifest);
    else groups.set(application, [manifest]);
  }
  return groups;
}

function waits(manifests: readonly Manifest[]): readonly Waiting[] {
  const last = Math.max(...manifests.map(waveOf));
  return manifests.flatMap((manifest): readonly Waiting[] => {
    const reason = reasonOf(manifest);
    const wave = waveOf(manifest);
    if (reason === undefined || wave === last) return [];
    const held = manifests.filter((other) => waveOf(other) > wave);
    return [
      {
        manifest,
        where: describe(manifest),
        found: `expected to be in the last wave (${reason}), got wave ${wave} with ${held.map(describe).slice(0, 3).join(', ')} behind it`,
        mend: 'take the wave away, or give the objects behind it an Application of their own',
      },
    ];
  });
}

const reasonOf = (manifest: Manifest): string | undefined =>
  manifest.kind === 'Service' && textAt(manifest, 'spec', 'type') === 'LoadBalancer'
    ? 'it may never get an address'
    : MAY_NEVER_BE_HEALTHY.get(manifest.kind);

/** A sync goes on when its hooks are done. */
const endlessHook = (manifest: Manifest): readonly Waiting[] =>
  !isHook(manifest) ||
  numberAt(manifest, 'spec', 'activeDeadlineSeconds') !== undefined ||
  reasonOf(manifest) === undefined
    ? []
    : [
        {
          manifest,
          where: describe(manifest),
          found: 'expected a hook that ends by itself, got no activeDeadlineSeconds',
          mend: 'set spec.activeDeadlineSeconds, or make it an ordinary object',
        },
      ];
