/** Every object of a tree with the Application that syncs it, under the name that the cluster knows it by. */
import type { SyncedApplication, SyncedObject, Tree } from '../../argo/tree.js';
import { isClusterScoped } from '../../manifest/kinds.js';
import type { ObjectRef } from '../../manifest/live-object.js';
import { groupOf, type Manifest } from '../../manifest/manifest.js';

export interface Placed extends SyncedObject {
  /** Null: in no Application's folder. */
  readonly application: SyncedApplication | null;
  readonly cluster: string;
  readonly ref: ObjectRef;
}

/** By cluster, group, kind, namespace and name. An object that two Applications hold counts for the first. */
export function placedIn(tree: Tree): ReadonlyMap<string, Placed> {
  const placed = [
    ...tree.applications.flatMap((application) =>
      application.objects.map(
        (object): Placed => ({
          ...object,
          application,
          cluster: application.cluster,
          ref: refIn(application, object.manifest),
        }),
      ),
    ),
    ...tree.unclaimed.map(
      (object): Placed => ({ ...object, application: null, cluster: '', ref: refIn(null, object.manifest) }),
    ),
  ];
  const byKey = new Map<string, Placed>();
  for (const each of placed) {
    const key = keyOf(each);
    if (!byKey.has(key)) byKey.set(key, each);
  }
  return byKey;
}

function refIn(application: SyncedApplication | null, manifest: Manifest): ObjectRef {
  const { apiVersion, kind, metadata } = manifest;
  const namespace = isClusterScoped(manifest)
    ? undefined
    : (metadata.namespace ?? application?.policy.destinationNamespace ?? undefined);
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name: metadata.name };
}

/** Without an Application the folder tells clusters apart. */
const keyOf = ({ cluster, application, file, manifest, ref }: Placed): string =>
  [
    application === null ? `?${file.split('/').slice(0, -1).join('/')}` : cluster,
    groupOf(manifest),
    ref.kind,
    ref.namespace ?? '',
    ref.name,
  ].join('\0');

export const keyOfApplication = ({ cluster, namespace, name }: SyncedApplication): string =>
  [cluster, namespace, name].join('\0');

/** Which object an Application itself is. */
export const refOfApplication = ({ source, namespace, name }: SyncedApplication): ObjectRef => ({
  apiVersion: source.manifest.apiVersion,
  kind: 'Application',
  namespace,
  name,
});

export const findApplication = ({ applications }: Tree, wanted: SyncedApplication): SyncedApplication | undefined =>
  applications.find((application) => keyOfApplication(application) === keyOfApplication(wanted));

/** Of an object that is an Application, what it syncs. */
export const applicationItself = (
  { applications }: Tree,
  { manifest }: Pick<Placed, 'manifest'>,
): SyncedApplication | undefined => applications.find(({ source }) => source.manifest === manifest);
