/** Small trees for the suites of vet. */
import { readTree } from '../../../src/argo/read-tree.js';
import type { Tree } from '../../../src/argo/tree.js';
import type { Files } from '../../../src/manifest/layout.js';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { toYaml } from '../../../src/manifest/yaml.js';
import type { ObjectFacts } from '../../../src/ops/drift/facts.js';
import { predictedApply } from '../../../src/ops/drift/predicted-apply.js';
import type { LiveLook } from '../../../src/ops/vet/live.js';
import { liveObject } from '../drift/live.js';

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

interface Example {
  readonly title: string;
  readonly base: Side;
  readonly head: Side;
  /** What is live of `things`, where a cluster is asked. */
  readonly live?: readonly LiveObject[];
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

/** As somebody finds it who may only read; what Argo CD syncs and nobody gives here is not there. */
export function lookAt(head: Tree, objects: readonly LiveObject[]): LiveLook {
  const answer = <T>(value: T) => ({ ok: true, value }) as const;
  const find = ({ kind, metadata }: Manifest): LiveObject | null =>
    objects.find((each) => each.kind === kind && each.metadata.name === metadata.name) ?? null;
  return {
    applications: new Map(head.applications.map((each) => [each, answer(find(each.source.manifest))])),
    objects: head.applications
      .filter(({ name }) => name === 'things')
      .flatMap((application) =>
        application.objects.map(({ manifest }): ObjectFacts => {
          const live = find(manifest);
          const isSecret = manifest.kind === 'Secret';
          return {
            application,
            described: manifest,
            live: isSecret ? 'withheld' : answer(live),
            applied:
              live === null || isSecret ? null : { result: answer(predictedApply(live, manifest)), by: 'prediction' },
          };
        }),
      ),
  };
}

/** The Application `things` after a sync that went well, with these objects in it. */
export const synced = (
  ...resources: readonly { readonly kind: string; readonly name: string; readonly group?: string }[]
): LiveObject => ({
  ...liveObject({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: { name: 'things' } }),
  status: {
    sync: { status: 'Synced', revision: 'abc' },
    operationState: { phase: 'Succeeded', syncResult: { revision: 'abc' } },
    resources: resources.map((each) => ({ group: '', namespace: 'tools', status: 'Synced', ...each })),
  },
});

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
