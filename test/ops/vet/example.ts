/** Small trees for the suites of vet. */
import { readTree } from '../../../src/argo/read-tree.js';
import type { Tree } from '../../../src/argo/tree.js';
import type { Files } from '../../../src/manifest/layout.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { toYaml } from '../../../src/manifest/yaml.js';

export type Fields = { readonly [key: string]: Json | undefined };

export interface Side {
  /** Of the Application `things`. */
  readonly objects?: readonly Manifest[];
  /** Of the Application `others`. Without it there is none. */
  readonly others?: readonly Manifest[];
  /** What `things` says beyond the usual; null: it is not there. */
  readonly application?: { readonly metadata?: Fields; readonly policy?: Fields; readonly spec?: Fields } | null;
  readonly root?: Fields;
}

export interface Example {
  readonly title: string;
  readonly base: Side;
  readonly head: Side;
  /** Object and text of each finding; none: it is accepted. */
  readonly found: readonly string[];
}

/** By rule. */
export type Examples = Readonly<Record<string, readonly Example[]>>;

export const object = (
  apiVersion: string,
  kind: string,
  name: string,
  fields: Fields = {},
  annotations: Readonly<Record<string, string>> = {},
): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, namespace: 'tools', ...(Object.keys(annotations).length > 0 ? { annotations } : {}) },
  ...fields,
});

export const options = (text: string) => ({ 'argocd.argoproj.io/sync-options': text });

export const configMap = (name: string, fields: Fields = { data: { key: '1' } }, annotations = {}): Manifest =>
  object('v1', 'ConfigMap', name, fields, annotations);

/** What always stays. */
export const STAYS = configMap('stays');

export const filesOf = ({ objects = [STAYS], others, application = {}, root = {} }: Side): Files => {
  const folders = { things: objects, ...(others === undefined ? {} : { others }) };
  return new Map([
    [
      'attic/argocd/root.yaml',
      toYaml(applicationOf('root', 'argocd', { policy: { automated: { prune: true }, ...root } })),
    ],
    ...(application === null
      ? []
      : [['attic/argocd/things.yaml', toYaml(applicationOf('things', 'things', application))] as const]),
    ...(others === undefined
      ? []
      : [['attic/argocd/others.yaml', toYaml(applicationOf('others', 'others', {}))] as const]),
    ...Object.entries(folders).flatMap(([folder, manifests]) =>
      manifests.map(
        (manifest, index) =>
          [
            `attic/${folder}/${index}-${manifest.kind.toLowerCase()}-${manifest.metadata.name}.yaml`,
            toYaml(manifest),
          ] as const,
      ),
    ),
  ]);
};

export const treeOf = (side: Side): Tree => readTree(filesOf(side), 'dist');

const applicationOf = (
  name: string,
  folder: string,
  { metadata = {}, policy = {}, spec = {} }: NonNullable<Side['application']>,
): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd', ...metadata },
  spec: {
    destination: { server: 'https://kubernetes.default.svc', namespace: 'tools' },
    source: { repoURL: 'https://git.example/attic.git', path: `dist/attic/${folder}`, targetRevision: 'main' },
    syncPolicy: { automated: { prune: true, selfHeal: true }, retry: { limit: -1 }, ...policy },
    ...spec,
  },
});
