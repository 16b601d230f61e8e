/** The mark by which Argo CD knows an object as its own. An apply without it would look as if it was to be taken off. */
import type { SyncedApplication } from '../../argo/tree.js';
import type { LiveObject } from '../../manifest/live-object.js';
import { groupOf, type Manifest } from '../../manifest/manifest.js';

export const TRACKING_ID = 'argocd.argoproj.io/tracking-id';
const INSTALLATION_ID = 'argocd.argoproj.io/installation-id';

/** How Argo CD told its objects before version 3; still a setting. */
export const INSTANCE_LABEL = 'app.kubernetes.io/instance';

/** As Argo CD applies it; `live` shows by which mark this Argo CD tells its objects. */
export function tracked(manifest: Manifest, application: SyncedApplication, live: LiveObject | null): Manifest {
  const { metadata } = manifest;
  const { name } = application;
  const labelled = live?.metadata.labels?.[INSTANCE_LABEL] === name;
  const noted = live?.metadata.annotations?.[TRACKING_ID] !== undefined;
  const installation = live?.metadata.annotations?.[INSTALLATION_ID];
  const labels = { ...metadata.labels, ...(labelled && { [INSTANCE_LABEL]: name }) };
  const annotations = {
    ...metadata.annotations,
    ...((noted || !labelled) && { [TRACKING_ID]: trackingId(manifest, application) }),
    ...(installation !== undefined && { [INSTALLATION_ID]: installation }),
  };
  return {
    ...manifest,
    metadata: {
      ...metadata,
      ...(Object.keys(labels).length > 0 && { labels }),
      ...(Object.keys(annotations).length > 0 && { annotations }),
    },
  };
}

/**
 * The Application that a live object carries the mark of; null where it carries none, or one copied from another object.
 * `candidate`: whose label counts where there is no mark; charts set that label to anything.
 */
export function trackerOf({ kind, metadata }: LiveObject, candidate: string): string | null {
  const [application = '', what = '', where = ''] = (metadata.annotations?.[TRACKING_ID] ?? '').split(':');
  const isOwn = what.endsWith(`/${kind}`) && where.endsWith(`/${metadata.name}`);
  // An Application outside Argo CD's own namespace stands as `<namespace>_<name>`.
  if (isOwn) return application.split('_').at(-1) ?? application;
  return metadata.labels?.[INSTANCE_LABEL] === candidate ? candidate : null;
}

/** A cluster-wide object carries the Application's namespace in it. */
function trackingId(manifest: Manifest, { name, policy }: SyncedApplication): string {
  const { kind, metadata } = manifest;
  const namespace = metadata.namespace ?? policy.destinationNamespace ?? '';
  return `${name}:${groupOf(manifest)}/${kind}:${namespace}/${metadata.name}`;
}
