/** A change that a rule warns of, in Git, and what then happens to the real objects. */
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import type { Bench } from '../bench/bench.js';

type Fields = { readonly [key: string]: Json | undefined };

/** What an Application says beyond the usual. Null: it is not in Git. */
interface Side {
  readonly objects: readonly Manifest[];
  readonly application?: ApplicationFields | null;
}

export interface ApplicationFields {
  readonly metadata?: Fields;
  readonly policy?: Fields;
  readonly spec?: Fields;
}

export interface Case {
  /** The rule; also the Application's name. */
  readonly rule: string;
  /** The Application of the finding. @default the case's own */
  readonly foundIn?: string;
  /** A sentence: what happens. */
  readonly title: string;
  readonly base: Side;
  readonly head: Side;
  /** A further commit, after head is synced. */
  readonly later?: Side;
  /** @default one more object that always stays */
  readonly isAlone?: boolean;
  /** By hand, before base is committed. */
  readonly prepare?: (bench: Bench) => void;
  /** By hand, once base is synced. */
  readonly meanwhile?: (bench: Bench) => void;
  /** By hand, once head was tried. */
  readonly afterwards?: (bench: Bench) => void;
  /** @default true. Base of some cannot be synced. */
  readonly isBaseSynced?: boolean;
  readonly happens: (bench: Bench) => Promise<void>;
}

/** Objects of a case live in a namespace of its name. */
export const namespaceOf = (rule: string): string => `vet-${rule}`;

/** An object in the case's namespace. */
export const object = (
  rule: string,
  apiVersion: string,
  kind: string,
  name: string,
  fields: Fields = {},
): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, namespace: namespaceOf(rule) },
  ...fields,
});

export const annotated = (manifest: Manifest, annotations: Readonly<Record<string, string>>): Manifest => ({
  ...manifest,
  metadata: { ...manifest.metadata, annotations: { ...manifest.metadata.annotations, ...annotations } },
});

export const withOptions = (manifest: Manifest, options: string): Manifest =>
  annotated(manifest, { 'argocd.argoproj.io/sync-options': options });

export const configMap = (
  rule: string,
  name: string,
  data: Readonly<Record<string, string>> = { key: '1' },
): Manifest => object(rule, 'v1', 'ConfigMap', name, { data });

export const claim = (rule: string, name: string, size = '1Gi'): Manifest =>
  object(rule, 'v1', 'PersistentVolumeClaim', name, {
    spec: { accessModes: ['ReadWriteOnce'], storageClassName: 'none', resources: { requests: { storage: size } } },
  });

const template = (labels: Readonly<Record<string, string>>, pod: Fields): Fields => ({
  metadata: { labels },
  spec: { containers: [{ name: 'main', image: 'example.org/program:2.0' }], ...pod },
});

/** A Deployment, DaemonSet or StatefulSet. */
export const workload = (
  rule: string,
  kind: 'Deployment' | 'DaemonSet' | 'StatefulSet',
  fields: Fields = {},
  pod: Fields = {},
  labels: Readonly<Record<string, string>> = { app: rule },
): Manifest =>
  object(rule, 'apps/v1', kind, 'thing', {
    spec: { selector: { matchLabels: labels }, template: template(labels, pod), ...fields },
  });

/** What the API server answers of a field; undefined where there is none. */
export function field(value: unknown, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (current, key) => (typeof current === 'object' && current !== null ? Reflect.get(current, key) : undefined),
    value,
  );
}

export const isGone = (bench: Bench, kind: string, name: string, rule?: string): Promise<true> =>
  bench.until(`${kind} ${name} of ${rule ?? 'the cluster'} is gone`, () =>
    bench.get(kind, name, rule && namespaceOf(rule)) === undefined ? true : undefined,
  );

export const pods = (bench: Bench, rule: string): readonly unknown[] => {
  const list: unknown = JSON.parse(bench.kubectl(['get', 'pods', `--namespace=${namespaceOf(rule)}`, '--output=json']));
  const items = field(list, 'items');
  return Array.isArray(items) ? items : [];
};

/** A definition of the kind Toy in that group; the first version is stored. */
export const toys = (group: string, versions: readonly string[]): Manifest => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `toys.${group}` },
  spec: {
    group,
    scope: 'Namespaced',
    names: { kind: 'Toy', plural: 'toys', singular: 'toy', listKind: 'ToyList' },
    versions: versions.map((name, index) => ({
      name,
      served: true,
      storage: index === 0,
      schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
    })),
  },
});
