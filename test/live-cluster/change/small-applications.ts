/** Applications with a folder each and nothing above them: a test changes one, and says itself which of them looks when. */

import type { Files } from '../../../src/manifest/layout.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { toYaml } from '../../../src/manifest/yaml.js';
import type { Bench } from '../bench/bench.js';

export interface SmallApplication {
  readonly name: string;
  /** @default true */
  readonly prune?: boolean;
  /** Whether it syncs by itself. @default true */
  readonly isOn?: boolean;
  /** Beside `ServerSideApply=true`. @default none */
  readonly options?: readonly string[];
  /** @default without a limit, every second */
  readonly retry?: { readonly [key: string]: Json };
}

/** What is in an Application's folder. */
export type Content = readonly (readonly [application: string, manifest: Manifest])[];

/** Argo CD looks at Git by itself no more often than that: a test decides when. */
export const NEVER_BY_ITSELF = 3600;

export const NAMESPACE = 'work';

export const config = (name: string, annotations: { readonly [key: string]: string } = {}): Manifest =>
  inNamespace('v1', 'ConfigMap', name, { data: { of: 'same', value: 'same', third: 'same' } }, annotations);

export const inNamespace = (
  apiVersion: string,
  kind: string,
  name: string,
  content: { readonly [key: string]: Json },
  annotations: { readonly [key: string]: string } = {},
): Manifest => ({ apiVersion, kind, metadata: { name, namespace: NAMESPACE, annotations }, ...content });

/** The tree as `diff` reads it, and as Argo CD does. A folder always has one object that stays. */
export function filesOf(bench: Bench, applications: readonly SmallApplication[], content: Content): Files {
  const stays: Content = applications.map(({ name }) => [name, config(`${name}-stays`)]);
  return new Map([
    ...applications.map((each) => [`apps/${each.name}.yaml`, toYaml(manifestOf(each, bench.repository.url))] as const),
    ...[...stays, ...content].map(
      ([name, manifest]) => [`work/${name}/${manifest.kind}-${manifest.metadata.name}.yaml`, toYaml(manifest)] as const,
    ),
  ]);
}

/** Puts the Applications there as they are in Git. */
export function applyApplications(bench: Bench, applications: readonly SmallApplication[]): void {
  bench.apply(
    applications.map((each) => manifestOf(each, bench.repository.url)),
    { manager: 'test', serverSide: true },
  );
}

const manifestOf = (
  { name, prune = true, isOn = true, options = [], retry = EVERY_SECOND }: SmallApplication,
  repoURL: string,
) => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: 'argocd' },
  spec: {
    project: 'default',
    destination: { server: 'https://kubernetes.default.svc', namespace: NAMESPACE },
    source: { repoURL, targetRevision: 'main', path: `work/${name}` },
    syncPolicy: {
      automated: { prune, selfHeal: true, enabled: isOn },
      syncOptions: ['ServerSideApply=true', ...options],
      retry,
    },
  },
});

const EVERY_SECOND = { limit: -1, backoff: { duration: '1s', factor: 1, maxDuration: '1s' } };
