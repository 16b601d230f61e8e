/** A small repository before and after one commit that does everything that `selfheal diff` has a word for. */
import { stringify } from 'yaml';
import type { Files } from '../../../src/manifest/layout.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';

export const NAMESPACE = 'work';

interface ApplicationSettings {
  readonly prune?: boolean;
  readonly options?: readonly string[];
  readonly annotations?: Readonly<Record<string, string>>;
  readonly finalizer?: boolean;
}

/** Application to its settings; each has the folder `work/<application>`. */
const APPLICATIONS: Readonly<Record<string, ApplicationSettings>> = {
  rolling: {},
  refusing: {},
  binding: {},
  forcing: { options: [] },
  pruning: {},
  keeping: { prune: false },
  renaming: {},
  'from-pruning': {},
  'to-after-pruning': {},
  'from-keeping': { prune: false },
  'to-refusing': {},
  'to-taking': { options: ['ServerSideApply=true'] },
  vanishing: {},
  removed: {},
  cascading: { finalizer: true },
  protected: { annotations: { 'argocd.argoproj.io/sync-options': 'Prune=false' } },
};

const GONE = ['removed', 'cascading', 'protected'];

export type Placed = readonly [application: string, manifest: Manifest];

const of = (
  apiVersion: string,
  kind: string,
  name: string,
  rest: { readonly [key: string]: Json } = {},
  annotations?: Record<string, string>,
): Manifest => ({
  apiVersion,
  kind,
  metadata: {
    name,
    ...(kind === 'StorageClass' ? {} : { namespace: NAMESPACE }),
    ...(annotations ? { annotations } : {}),
  },
  ...rest,
});

const config = (
  name: string,
  value: string,
  rest: { readonly [key: string]: Json } = {},
  annotations?: Record<string, string>,
): Manifest => of('v1', 'ConfigMap', name, { data: { value }, ...rest }, annotations);

const template = (name: string, value: string) => ({
  metadata: { labels: { app: name } },
  spec: { containers: [{ name: 'main', image: 'example.org/none:1', env: [{ name: 'VALUE', value }] }] },
});

const workload = (kind: string, name: string, value: string, spec: { readonly [key: string]: Json }): Manifest =>
  of('apps/v1', kind, name, {
    spec: { selector: { matchLabels: { app: name } }, template: template(name, value), ...spec },
  });

const FORCE = { 'argocd.argoproj.io/sync-options': 'Force=true,Replace=true' };
const KEEP = { 'argocd.argoproj.io/sync-options': 'Prune=false' };

const claim = (mode: string): Json => ({ accessModes: [mode], resources: { requests: { storage: '1Gi' } } });

const always = (value: string): readonly Placed[] => [
  ['rolling', workload('Deployment', 'web', value, { replicas: 4 })],
  ['rolling', workload('Deployment', 'small', value, { replicas: 1, strategy: { type: 'Recreate' } })],
  ['rolling', workload('DaemonSet', 'agent', value, {})],
  ['rolling', workload('StatefulSet', 'db', value, { replicas: 2, serviceName: 'db' })],
  ['rolling', config('in-place', value)],
];

/** What an API server takes once. The others of `refusing` stay as they are and are synced all the same. */
const refused = (first: boolean): readonly Placed[] => {
  const label = first ? 'one' : 'two';
  return [
    [
      'refusing',
      of('apps/v1', 'Deployment', 'selector', {
        spec: { replicas: 1, selector: { matchLabels: { app: label } }, template: template(label, 'same') },
      }),
    ],
    [
      'refusing',
      of('apps/v1', 'DaemonSet', 'selector', {
        spec: { selector: { matchLabels: { app: `ds-${label}` } }, template: template(`ds-${label}`, 'same') },
      }),
    ],
    [
      'refusing',
      workload('StatefulSet', 'claims', 'same', {
        replicas: 0,
        serviceName: label,
        persistentVolumeClaimRetentionPolicy: { whenDeleted: first ? 'Retain' : 'Delete' },
      }),
    ],
    [
      'refusing',
      of('batch/v1', 'Job', 'once', {
        spec: { suspend: true, template: { spec: { ...template('once', label).spec, restartPolicy: 'Never' } } },
      }),
    ],
    [
      'refusing',
      of('v1', 'Service', 'address', {
        spec: {
          clusterIP: first ? '10.43.0.77' : '10.43.0.78',
          ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
        },
      }),
    ],
    ['refusing', of('v1', 'PersistentVolumeClaim', 'data', { spec: claim(first ? 'ReadWriteOnce' : 'ReadWriteMany') })],
    ['refusing', config('frozen', label, { immutable: true })],
    ['refusing', of('v1', 'Secret', 'typed', { type: first ? 'Opaque' : 'example.org/other' })],
    [
      'binding',
      of('rbac.authorization.k8s.io/v1', 'RoleBinding', 'bound', {
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: first ? 'view' : 'edit' },
        subjects: [{ kind: 'ServiceAccount', name: 'default', namespace: NAMESPACE }],
      }),
    ],
    [
      'refusing',
      of('storage.k8s.io/v1', 'StorageClass', 'slow', { provisioner: 'example.org/none', parameters: { kind: label } }),
    ],
  ];
};

export const BEFORE: readonly Placed[] = [
  ...always('before'),
  ...refused(true),
  ['forcing', config('forced', 'one', { immutable: true }, FORCE)],
  ['pruning', config('stays-in-git', 'same')],
  ['pruning', config('leaves-git', 'same')],
  ['pruning', config('leaves-git-protected', 'same', {}, KEEP)],
  ['keeping', config('kept-in-git', 'same')],
  ['keeping', config('kept-after-git', 'same')],
  ['renaming', workload('Deployment', 'old-name', 'same', { replicas: 1 })],
  ['from-pruning', config('stays-there', 'same')],
  ['from-pruning', config('moves-with-a-gap', 'same')],
  ['to-after-pruning', config('was-there', 'same')],
  ['from-keeping', config('stays-here', 'same')],
  ['from-keeping', config('cannot-move', 'same')],
  ['from-keeping', config('moves', 'same')],
  ['to-refusing', config('waits', 'same')],
  ['to-taking', config('takes', 'same')],
  ['vanishing', config('without-folder', 'same')],
  ['removed', config('left-behind', 'same')],
  ['cascading', config('goes-with-it', 'same')],
  ['protected', config('without-git', 'same')],
];

export const AFTER: readonly Placed[] = [
  ...always('after'),
  ...refused(false),
  ['forcing', config('forced', 'two', { immutable: true }, FORCE)],
  ['pruning', config('stays-in-git', 'same')],
  ['pruning', config('comes', 'same')],
  ['keeping', config('kept-in-git', 'same')],
  ['renaming', workload('Deployment', 'new-name', 'same', { replicas: 1 })],
  ['from-pruning', config('stays-there', 'same')],
  ['to-after-pruning', config('was-there', 'same')],
  ['to-after-pruning', config('moves-with-a-gap', 'same')],
  ['from-keeping', config('stays-here', 'same')],
  ['to-refusing', config('waits', 'same')],
  ['to-refusing', config('cannot-move', 'same')],
  ['to-taking', config('takes', 'same')],
  ['to-taking', config('moves', 'same')],
];

export function repositoryFiles(objects: readonly Placed[], repoURL: string, gone: boolean): Files {
  const names = Object.keys(APPLICATIONS).filter((name) => !gone || !GONE.includes(name));
  const applications = ['root', ...names].map(
    (name) => [`apps/${name}.yaml`, stringify(application(name, repoURL))] as const,
  );
  const files = objects.map(
    ([name, manifest]) =>
      [`work/${name}/${manifest.kind}-${manifest.metadata.name}.yaml`, stringify(manifest)] as const,
  );
  return new Map([...applications, ...files]);
}

export function application(name: string, repoURL: string): Manifest {
  const {
    prune = true,
    options = ['ServerSideApply=true', 'FailOnSharedResource=true'],
    annotations,
    finalizer,
  } = APPLICATIONS[name] ?? {};
  return {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    metadata: {
      name,
      namespace: 'argocd',
      ...(annotations === undefined ? {} : { annotations }),
      ...(finalizer ? { finalizers: ['resources-finalizer.argocd.argoproj.io'] } : {}),
    },
    spec: {
      project: 'default',
      destination: { server: 'https://kubernetes.default.svc', namespace: NAMESPACE },
      source: { repoURL, targetRevision: 'main', path: name === 'root' ? 'apps' : `work/${name}` },
      syncPolicy: {
        automated: { prune, selfHeal: true },
        syncOptions: [...options],
        retry: { limit: -1, backoff: { duration: '2s', factor: 1, maxDuration: '2s' } },
      },
    },
  };
}
