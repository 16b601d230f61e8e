/** Creates objects in the name of somebody else: the API server remembers who set which field. */
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import type { Kubectl } from '../bench/kubectl.js';

/** As a program does that creates or updates through the API: operation Update, and no last-applied annotation. */
export function createAs(bench: Kubectl, manager: string, manifests: readonly Manifest[]): void {
  bench.kubectl(['create', `--field-manager=${manager}`, '-f', '-'], listOf(manifests));
}

/** As a person or an add-on does with plain `kubectl apply`: the last-applied annotation is left on the object. */
export function kubectlApply(bench: Kubectl, manifests: readonly Manifest[]): void {
  bench.kubectl(['apply', '-f', '-'], listOf(manifests));
}

/** One text for many objects. */
const listOf = (items: readonly Manifest[]): string => JSON.stringify({ apiVersion: 'v1', kind: 'List', items });

export const namespace = (name: string, labels: Readonly<Record<string, string>> = {}): Manifest => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name, labels },
});

/** Its contents are invented: the description names a Secret and its keys, never what is in them. */
export const secret = (name: string, namespace: string, ...keys: readonly string[]): Manifest => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, namespace },
  type: 'Opaque',
  stringData: Object.fromEntries(keys.map((key): [string, Json] => [key, 'invented'])),
});

export const serviceAccount = (name: string, namespace: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ServiceAccount',
  metadata: { name, namespace },
});

/** What creates pods is refused while their ServiceAccount is not there, and tries again only minutes later. */
export const withServiceAccountsFirst = (manifests: readonly Manifest[]): readonly Manifest[] => [
  ...manifests.filter(({ kind }) => kind === 'ServiceAccount'),
  ...manifests.filter(({ kind }) => kind !== 'ServiceAccount'),
];
