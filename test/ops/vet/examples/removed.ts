/** What leaves Git. */
import type { Manifest } from '../../../../src/manifest/manifest.js';
import { configMap, type Examples, object, options, STAYS } from '../example.js';

const claim = (name = 'data', annotations = {}) =>
  object('v1', 'PersistentVolumeClaim', name, { spec: {} }, annotations);
const wide = (apiVersion: string, kind: string, name: string): Manifest => ({ apiVersion, kind, metadata: { name } });
const DEFINITION = wide('apiextensions.k8s.io/v1', 'CustomResourceDefinition', 'toys.example.org');
const DELETES = { metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io'] } };
const KEEPS = { policy: { syncOptions: ['Prune=false'] } };
const ELSEWHERE = { spec: { source: { repoURL: 'https://charts.example', chart: 'toys', targetRevision: '1.0.0' } } };
const volume = (persistentVolumeReclaimPolicy: string): Manifest => ({
  ...wide('v1', 'PersistentVolume', 'data'),
  spec: { persistentVolumeReclaimPolicy },
});
const database = (persistentVolumeClaimRetentionPolicy: Readonly<Record<string, string>>) =>
  object('apps/v1', 'StatefulSet', 'db', { spec: { persistentVolumeClaimRetentionPolicy } });
const NO_PRUNE = { policy: { automated: { prune: false, selfHeal: true } } };

/** As a chart does whose release has the Application's name. */
const marked = (manifest: Manifest): Manifest => ({
  ...manifest,
  metadata: { ...manifest.metadata, labels: { 'app.kubernetes.io/instance': 'things' } },
});

/** Pruned where it goes; left where nothing prunes it, and where it is protected. */
const removal = (manifest: Manifest, found: string) => [
  { title: 'goes with its file', base: { objects: [STAYS, manifest] }, head: {}, found: [found] },
  {
    title: 'goes, but nothing is pruned',
    base: { objects: [STAYS, manifest], application: NO_PRUNE },
    head: { application: NO_PRUNE },
    found: [],
  },
  {
    title: 'goes, but is protected',
    base: {
      objects: [
        STAYS,
        { ...manifest, metadata: { ...manifest.metadata, annotations: options('Prune=false,Delete=false') } },
      ],
    },
    head: {},
    found: [],
  },
  {
    title: 'goes, but its Application keeps all that it has',
    base: { objects: [STAYS, manifest], application: KEEPS },
    head: { application: KEEPS },
    found: [],
  },
];

const pruned = (what: string, loses: string) =>
  `${what}: expected it to stay (${loses}), but it is gone from Git, so things prunes it from the cluster`;

export const REMOVED: Examples = {
  'removed-claim': [
    ...removal(claim(), pruned('PersistentVolumeClaim tools/data', 'the data go with it')),
    {
      title: 'goes with an Application that has a finalizer',
      base: {
        objects: [claim()],
        application: { metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io'] } },
      },
      head: { objects: [], application: null },
      found: [
        'PersistentVolumeClaim tools/data: expected it to stay (the data go with it), but things is gone from Git and its finalizer deletes what it synced',
      ],
    },
    {
      title: 'goes with an Application that has none',
      base: { objects: [claim()] },
      head: { objects: [], application: null },
      found: [],
    },
    {
      title: 'goes from an Application that is synced by hand',
      base: { objects: [STAYS, claim()], application: { policy: { automated: null } } },
      head: { application: { policy: { automated: null } } },
      found: [
        'PersistentVolumeClaim tools/data: expected it to stay (the data go with it), but it is gone from Git, so the next sync of things with prune deletes it',
      ],
    },
    {
      title: 'goes in the commit that switches prune off',
      base: { objects: [STAYS, claim()] },
      head: { application: NO_PRUNE },
      found: [pruned('PersistentVolumeClaim tools/data', 'the data go with it')],
    },
    {
      title: 'is a snapshot',
      base: { objects: [STAYS, object('snapshot.storage.k8s.io/v1', 'VolumeSnapshot', 'before')] },
      head: {},
      found: [pruned('VolumeSnapshot tools/before', 'the data go with it')],
    },
    {
      title: 'goes to another Application',
      base: { objects: [STAYS, claim()], others: [] },
      head: { others: [claim()] },
      found: [],
    },
  ],
  'removed-namespace': removal(
    wide('v1', 'Namespace', 'tools'),
    pruned('Namespace tools', 'everything in it goes with it'),
  ),
  'removed-crd': [
    ...removal(
      marked(DEFINITION),
      pruned('CustomResourceDefinition toys.example.org', 'every object of its kind goes with it'),
    ),
    { title: 'as definitions are, which stay', base: { objects: [STAYS, DEFINITION] }, head: {}, found: [] },
    {
      title: 'goes with an Application that has a finalizer, which leaves definitions',
      base: { objects: [STAYS, marked(DEFINITION)], application: DELETES },
      head: { objects: [], application: null },
      found: [],
    },
  ],
  'orphaned-crd': [
    {
      title: 'a definition as definitions are',
      base: { objects: [STAYS, DEFINITION] },
      head: {},
      found: [
        'CustomResourceDefinition toys.example.org: expected it in Git as long as it is live, but its file is gone and it stays in the cluster',
      ],
    },
    {
      title: 'one that may come from elsewhere now',
      base: { objects: [STAYS, DEFINITION] },
      head: { objects: [], application: ELSEWHERE },
      found: [],
    },
    {
      title: 'one that Argo CD knows as its own',
      base: {
        objects: [STAYS, marked(DEFINITION)],
      },
      head: {},
      found: [],
    },
  ],
  'removed-stateful-set': removal(
    object('apps/v1', 'StatefulSet', 'db'),
    pruned('StatefulSet tools/db', 'its pods end and what keeps state stops'),
  ),
  'removed-network-policy': [
    ...removal(
      object('networking.k8s.io/v1', 'NetworkPolicy', 'closed'),
      pruned('NetworkPolicy tools/closed', 'the pods that it selects are open without it'),
    ),
    {
      title: "is Calico's",
      base: { objects: [STAYS, object('crd.projectcalico.org/v1', 'NetworkPolicy', 'closed')] },
      head: {},
      found: [pruned('NetworkPolicy tools/closed', 'the pods that it selects are open without it')],
    },
  ],
  'removed-secret': removal(
    object('v1', 'Secret', 'key'),
    pruned('Secret tools/key', 'its values are in the cluster alone'),
  ),
  'renamed-data': [
    {
      title: 'comes back with another hash',
      base: { objects: [STAYS, claim('data-c8a1')] },
      head: { objects: [STAYS, claim('data-f00d')] },
      found: [
        'PersistentVolumeClaim tools/data-c8a1: expected it to keep its name, got PersistentVolumeClaim tools/data-f00d: a new, empty one is created and the old one is deleted',
      ],
    },
    { title: 'one more', base: { objects: [claim('a')] }, head: { objects: [claim('a'), claim('b')] }, found: [] },
    { title: 'without data', base: { objects: [configMap('a')] }, head: { objects: [configMap('b')] }, found: [] },
  ],
  'prune-share': [
    {
      title: 'three of four',
      base: { objects: ['a', 'b', 'c', 'd'].map((name) => configMap(name)) },
      head: { objects: [configMap('d')] },
      found: [
        'Application argocd/things: expected at most 30 % of its objects to go, got 3 of 4 (ConfigMap tools/a, ConfigMap tools/b, ConfigMap tools/c): they are pruned',
      ],
    },
    {
      title: 'all, which Argo CD refuses',
      base: { objects: [configMap('a')] },
      head: { objects: [] },
      found: [
        'Application argocd/things: expected at most 30 % of its objects to go, got 1 of 1 (ConfigMap tools/a): Argo CD refuses to sync until something is there again',
      ],
    },
    {
      title: 'two of three, which are few',
      base: { objects: ['a', 'b', 'c'].map((name) => configMap(name)) },
      head: { objects: [configMap('a')] },
      found: [],
    },
    {
      title: 'three of ten, which is no more than the share',
      base: { objects: [...'abcdefghij'].map((name) => configMap(name)) },
      head: { objects: [...'abcdefg'].map((name) => configMap(name)) },
      found: [],
    },
  ],
  'removed-while-protected': [
    {
      title: 'goes as it is',
      base: { objects: [STAYS, configMap('foreign', undefined, options('Prune=false'))] },
      head: {},
      found: [
        'ConfigMap tools/foreign: expected it to be emptied first, but the file goes with its protection: the object stays as patched and things stays out of sync',
      ],
    },
    {
      title: 'goes as the last of its folder',
      base: { objects: [configMap('foreign', undefined, options('Prune=false'))] },
      head: { objects: [] },
      found: [
        'ConfigMap tools/foreign: expected it to be emptied first, but the file goes with its protection: the object stays as patched and things stays out of sync',
      ],
    },
    {
      title: 'may come from elsewhere now',
      base: { objects: [configMap('foreign', undefined, options('Prune=false'))] },
      head: { objects: [], application: ELSEWHERE },
      found: [],
    },
    {
      title: 'was emptied before',
      base: { objects: [STAYS, configMap('foreign', {}, options('Prune=false'))] },
      head: {},
      found: [],
    },
    {
      title: 'was taken back before',
      base: {
        objects: [
          STAYS,
          configMap('foreign', undefined, { ...options('Prune=false'), 'selfheal.dev/foreign': 'retiring' }),
        ],
      },
      head: {},
      found: [],
    },
  ],
  'protection-removed': [
    {
      title: 'all of it',
      base: { objects: [configMap('foreign', undefined, options('Prune=false,Delete=false'))] },
      head: { objects: [configMap('foreign')] },
      found: [
        'ConfigMap tools/foreign: expected Prune=false,Delete=false to stay, got no sync option: what removes the file next deletes the object',
      ],
    },
    {
      title: 'confirm instead of false',
      base: { objects: [configMap('foreign', undefined, options('Prune=false'))] },
      head: { objects: [configMap('foreign', undefined, options('Prune=confirm'))] },
      found: [
        'ConfigMap tools/foreign: expected Prune=false to stay, got Prune=confirm: what removes the file next deletes the object',
      ],
    },
    {
      title: 'of the data of a volume',
      base: { objects: [volume('Retain')] },
      head: { objects: [volume('Delete')] },
      found: [
        'PersistentVolume data: expected spec.persistentVolumeReclaimPolicy to stay Retain, got Delete: the data go with the claim',
      ],
    },
    {
      title: 'of the claims of a StatefulSet',
      base: { objects: [database({})] },
      head: { objects: [database({ whenScaled: 'Delete' })] },
      found: [
        'StatefulSet tools/db: expected spec.persistentVolumeClaimRetentionPolicy.whenScaled to stay Retain, got Delete: the claim of each pod goes with it',
      ],
    },
    {
      title: 'said to be kept',
      base: { objects: [database({})] },
      head: { objects: [database({ whenDeleted: 'Retain' })] },
      found: [],
    },
    {
      title: 'false instead of confirm',
      base: { objects: [configMap('foreign', undefined, options('Prune=confirm'))] },
      head: { objects: [configMap('foreign', undefined, options('Prune=false,ServerSideApply=true'))] },
      found: [],
    },
  ],
};
