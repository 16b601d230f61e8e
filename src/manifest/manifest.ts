/** Kubernetes objects as plain data. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json | undefined };

export interface Manifest {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly [key: string]: Json | undefined;
  };
  readonly [key: string]: Json | undefined;
}

/** A manifest and the Application that syncs it. */
export interface PlacedManifest {
  /** The Application's folder, e.g. `coredns`. */
  readonly application: string;
  readonly manifest: Manifest;
}

/** The API group; empty for the core group. */
export const groupOf = ({ apiVersion }: Manifest): string =>
  apiVersion.includes('/') ? (apiVersion.split('/')[0] ?? '') : '';

/** Whether its content is for nobody's eyes. */
export const isSecret = ({ apiVersion, kind }: Pick<Manifest, 'apiVersion' | 'kind'>): boolean =>
  apiVersion === 'v1' && kind === 'Secret';

/** What makes an object this object: group, kind, namespace and name, without the version. */
export const identityOf = (manifest: Manifest): string =>
  [groupOf(manifest), manifest.kind, manifest.metadata.namespace ?? '', manifest.metadata.name].join('/');

/** How messages name an object: `Deployment kube-system/coredns`. */
export const describe = ({ kind, metadata: { namespace, name } }: Manifest): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
