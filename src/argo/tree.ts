/**
 * What Argo CD would read from a folder of manifests: Applications, and the objects that each of them syncs.
 *
 * Nothing is rendered: an Application whose source is a chart, a Kustomize folder or another repository has no objects
 * here, and says why.
 */
import type { Manifest } from '../manifest/manifest.js';

export interface Tree {
  readonly applications: readonly SyncedApplication[];

  /** Objects in no Application's folder: Argo CD does not know them. */
  readonly unclaimed: readonly SyncedObject[];
}

export const isApplication = ({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): boolean =>
  kind === 'Application' && apiVersion.startsWith('argoproj.io/');

export interface SyncedObject {
  /** Relative to the folder that was read, `/`-separated. */
  readonly file: string;
  readonly manifest: Manifest;
}

export interface SyncedApplication {
  /** The first folder that the Application's file and its source share, e.g. `homelab`; empty where they share none. */
  readonly cluster: string;
  readonly name: string;
  /** Of the Application itself. */
  readonly namespace: string;
  /** Its source's folder, relative to the folder that was read. Null where that is not a folder of this tree. */
  readonly folder: string | null;
  /** Why there are no objects although there may be some in the cluster: `chart kube-prometheus-stack 88.5.3`. */
  readonly notRendered: string | null;
  readonly policy: SyncPolicy;
  /** The Application's own manifest and file. */
  readonly source: SyncedObject;
  readonly objects: readonly SyncedObject[];
}

/** `spec.syncPolicy` with Argo CD's defaults, and what the Application's own metadata add. */
export interface SyncPolicy {
  readonly automated: boolean;
  readonly prune: boolean;
  readonly selfHeal: boolean;
  readonly allowEmpty: boolean;
  /** As written, e.g. `ServerSideApply=true`. */
  readonly options: ReadonlySet<string>;
  /** -1: without limit. Argo CD's default is 5. */
  readonly retryLimit: number;
  /** What deleting the Application does to its objects. `none`: they stay. */
  readonly finalizer: 'none' | 'foreground' | 'background';
  /** Where objects without a namespace go. */
  readonly destinationNamespace: string | null;
  /** `compare-options` of the Application. */
  readonly serverSideDiff: boolean;
}
