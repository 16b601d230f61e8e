/** Small hand-made objects for the guardrails' suites. */
import type { Cluster } from '../../src/cluster/cluster.js';
import type { Guardrail, Violation } from '../../src/guardrails/guardrail.js';
import { Inspection } from '../../src/guardrails/inspection.js';
import type { Json, Manifest, PlacedManifest } from '../../src/manifest/manifest.js';
import { MINIMAL_SPEC, minimal, parsed } from '../support/clusters.js';

type Fields = { readonly [key: string]: Json | undefined };

export const manifest = (
  apiVersion: string,
  kind: string,
  name: string,
  fields: Fields = {},
  namespace = 'tools',
): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, namespace },
  ...fields,
});

/** Puts manifests into the folder `things`, or into the one that is named. */
export const placed = (manifests: readonly Manifest[], application = 'things'): readonly PlacedManifest[] =>
  manifests.map((object) => ({ application, manifest: object }));

export const annotated = (object: Manifest, annotations: Readonly<Record<string, string>>): Manifest => ({
  ...object,
  metadata: { ...object.metadata, annotations: { ...object.metadata.annotations, ...annotations } },
});

export const inNamespace = (object: Manifest, namespace: string): Manifest => ({
  ...object,
  metadata: { ...object.metadata, namespace },
});

/** A container with nothing to say against it. */
export const container = (fields: Fields = {}): Fields => ({
  name: 'main',
  image: 'docker.io/library/alpine:3.21',
  imagePullPolicy: 'IfNotPresent',
  command: ['/scripts/run.sh'],
  resources: { requests: { cpu: '10m', memory: '16Mi' }, limits: { memory: '32Mi' } },
  ...fields,
});

/** A pod spec with one container. */
export const pod = (fields: Fields = {}, ofContainer: Fields = {}): Fields => ({
  containers: [container(ofContainer)],
  ...fields,
});

const LABELS = { app: 'thing' };

export const deployment = (podSpec: Fields = pod(), fields: Fields = {}, name = 'thing'): Manifest =>
  manifest('apps/v1', 'Deployment', name, {
    spec: { ...fields, template: { metadata: { labels: LABELS }, spec: podSpec } },
  });

export const daemonSet = (podSpec: Fields = pod(), fields: Fields = {}, name = 'thing'): Manifest =>
  manifest('apps/v1', 'DaemonSet', name, {
    spec: { ...fields, template: { metadata: { labels: LABELS }, spec: podSpec } },
  });

export const cronJob = (fields: Fields = {}, podSpec: Fields = pod(), name = 'nightly'): Manifest =>
  manifest('batch/v1', 'CronJob', name, {
    spec: {
      schedule: '30 2 * * *',
      timeZone: 'Europe/Vienna',
      concurrencyPolicy: 'Forbid',
      startingDeadlineSeconds: 600,
      jobTemplate: { spec: { activeDeadlineSeconds: 3600, template: { spec: podSpec } } },
      ...fields,
    },
  });

export const configMap = (data: Readonly<Record<string, string>>, name = 'scripts'): Manifest =>
  manifest('v1', 'ConfigMap', name, { data });

/** Mounts the ConfigMap `scripts`. */
export const SCRIPTS_VOLUME = { name: 'scripts', configMap: { name: 'scripts' } } as const;

export const application = (folder: string, spec: Fields = {}, metadata: Fields = {}): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: {
    name: `selfheal-${folder}`,
    namespace: 'argocd',
    annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' },
    ...metadata,
  },
  spec: {
    source: { repoURL: 'https://git.example/attic.git', path: `dist/attic/${folder}`, targetRevision: 'main' },
    syncPolicy: { automated: { prune: false, selfHeal: true }, retry: { limit: -1 } },
    ...spec,
  },
});

/** An Application that hands values to a chart. */
export const helmApplication = (values: Fields, chart: Fields = {}): Manifest =>
  application('monitoring', {
    source: {
      repoURL: 'https://charts.example',
      chart: 'kube-prometheus-stack',
      targetRevision: '88.5.3',
      helm: { releaseName: 'kube-prometheus-stack', valuesObject: values },
      ...chart,
    },
  });

/** The Application that a foreign object lives in. */
export const FOREIGN_PARTIAL = {
  'selfheal.dev/foreign': 'partial',
  'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false,ServerSideApply=true,Validate=false',
} as const;

/** The invented cluster with as many nodes as are named; the first is the server. */
export const clusterOf = (names: readonly string[], sections: object = {}): Cluster =>
  parsed({
    ...MINIMAL_SPEC,
    nodes: Object.fromEntries(
      names.map((name, index) => [
        name,
        { ...MINIMAL_SPEC.nodes.lamp, role: index === 0 ? 'server' : 'agent', address: `192.0.2.${index + 10}` },
      ]),
    ),
    ...sections,
  });

/** What a guardrail says about manifests in one folder. */
export const findings = (
  guardrail: Guardrail,
  manifests: readonly Manifest[],
  cluster: Cluster = minimal(),
): readonly Violation[] => guardrail.check(new Inspection({ cluster, objects: placed(manifests) }));

/** The same as sentences, for a comparison with the whole text. */
export const foundIn = (
  guardrail: Guardrail,
  manifests: readonly Manifest[],
  cluster: Cluster = minimal(),
): readonly string[] => findings(guardrail, manifests, cluster).map(({ where, found }) => `${where}: ${found}`);
