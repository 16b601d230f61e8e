/** What the Applications say, and who has an object. */
import { configMap, type Examples, type Fields, object, options, type Side, STAYS } from '../example.js';

const says = (policy: NonNullable<NonNullable<Side['application']>['policy']>): Side => ({ application: { policy } });
const AUTOMATED = { prune: true, selfHeal: true };
const FINALIZER: Side = { application: { metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io'] } } };
const foreign = configMap('foreign', undefined, { 'selfheal.dev/foreign': 'partial' });
const from = (source: object): Side => ({
  application: { spec: { source: { repoURL: 'https://git.example/attic.git', ...source } } },
});
const charted = (version: string): Side => ({
  objects: [],
  application: {
    spec: { source: { repoURL: 'https://charts.example', chart: 'monitoring', targetRevision: version } },
  },
});

const REPOSITORY = 'https://git.example/attic.git';
const POD = { group: '', kind: 'Pod' };
const project = (spec: Fields): Side => ({
  objects: [
    STAYS,
    {
      apiVersion: 'argoproj.io/v1alpha1',
      kind: 'AppProject',
      metadata: { name: 'narrow', namespace: 'argocd' },
      spec,
    },
  ],
});

const set = (spec: Fields): Side => ({
  objects: [STAYS, object('argoproj.io/v1alpha1', 'ApplicationSet', 'all', { spec })],
});
const LIST = { generators: [{ list: { elements: [{ name: 'a' }] } }] };
const KEEPING = { syncPolicy: { preserveResourcesOnDeletion: true } };
const REFUSING = { policy: { automated: AUTOMATED, syncOptions: ['FailOnSharedResource=true'] } };
const NOT_PRUNING = { policy: { automated: { prune: false, selfHeal: true } } };
const BOTH = { objects: [STAYS, configMap('a')], others: [] };

const CLAIM = (asked = 'Prune=false') =>
  object('v1', 'PersistentVolumeClaim', 'data', { spec: { accessModes: ['ReadWriteOnce'] } }, options(asked));

export const OF_APPLICATIONS: Examples = {
  'object-moved': [
    {
      title: 'to another Application',
      base: { objects: [STAYS, configMap('a')], others: [] },
      head: { others: [configMap('a')] },
      found: [
        'ConfigMap tools/a: expected it to stay in things, got it in others: things prunes it if it is synced first, and a new one is created',
      ],
    },
    {
      title: 'to one that takes nothing of another, which makes the deletion sure',
      base: { others: [STAYS, configMap('a')], objects: [configMap('b')], application: REFUSING },
      head: { others: [STAYS], objects: [configMap('b'), configMap('a')], application: REFUSING },
      found: [
        "ConfigMap tools/a: expected it to stay in others, got it in things: others prunes it, as things takes nothing of another's (FailOnSharedResource), and a new one is created",
      ],
    },
    {
      title: 'and is protected, but the new one takes nothing of another',
      base: {
        others: [STAYS, configMap('a', undefined, options('Prune=false'))],
        objects: [configMap('b')],
        application: REFUSING,
      },
      head: {
        others: [STAYS],
        objects: [configMap('b'), configMap('a', undefined, options('Prune=false'))],
        application: REFUSING,
      },
      found: [
        "ConfigMap tools/a: expected it to stay in others, got it in things: it stays others's, and every sync of things fails, as things takes nothing of another's (FailOnSharedResource)",
      ],
    },
    {
      title: 'and is protected',
      base: { objects: [STAYS, configMap('a', undefined, options('Prune=false'))], others: [] },
      head: { others: [configMap('a', undefined, options('Prune=false'))] },
      found: [],
    },
    {
      title: 'from one that does not prune',
      base: { ...BOTH, application: NOT_PRUNING },
      head: { others: [configMap('a')], application: NOT_PRUNING },
      found: [],
    },
    { title: 'to a second one beside the first', base: BOTH, head: { ...BOTH, others: [configMap('a')] }, found: [] },
  ],
  'shared-object': [
    {
      title: 'in two Applications',
      base: { others: [] },
      head: { others: [{ ...STAYS, data: { key: '2' } }] },
      found: [
        'ConfigMap tools/stays: expected it in one Application, got it in others (attic/others/0-configmap-stays.yaml) and in things',
      ],
    },
    {
      title: 'with and without the namespace of the destination',
      base: { others: [] },
      head: { others: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'stays' } }] },
      found: [
        'ConfigMap tools/stays: expected it in one Application, got it in others (attic/others/0-configmap-stays.yaml) and in things',
      ],
    },
    { title: 'each its own', base: {}, head: { others: [configMap('another')] }, found: [] },
  ],
  'application-removed': [
    {
      title: 'without a finalizer',
      base: {},
      head: { objects: [], application: null },
      found: [
        'Application argocd/things: expected it to stay, got its file removed: it is deleted and leaves its 1 object to nobody',
      ],
    },
    {
      title: 'with one',
      base: FINALIZER,
      head: { objects: [], application: null },
      found: [
        'Application argocd/things: expected it to stay, got its file removed: it is deleted and its finalizer deletes its 1 object',
      ],
    },
    {
      title: 'from a root that does not prune',
      base: { root: { automated: { prune: false } } },
      head: { objects: [], application: null, root: { automated: { prune: false } } },
      found: [
        'Application argocd/things: expected it to stay, got its file removed: it stays in the cluster without a folder and heals nothing (its 1 object)',
      ],
    },
    {
      title: 'from a root that does not prune, while its folder stays',
      base: { root: { automated: { prune: false } } },
      head: { application: null, root: { automated: { prune: false } } },
      found: [
        'Application argocd/things: expected it to stay, got its file removed: it stays in the cluster and goes on with its folder, and Git no longer says how (its 1 object)',
      ],
    },
    {
      title: 'all that an ApplicationSet made, with what they have',
      base: set(LIST),
      head: {},
      found: [
        'ApplicationSet tools/all: expected it to stay, got its file removed: every Application that it made is deleted with it, and their finalizers delete what they synced',
      ],
    },
    {
      title: 'all that an ApplicationSet made, which keeps what they have',
      base: set({ ...LIST, ...KEEPING }),
      head: {},
      found: [
        'ApplicationSet tools/all: expected it to stay, got its file removed: every Application that it made is deleted with it, and what they synced is left to nobody',
      ],
    },
    { title: 'another one is new', base: {}, head: { others: [configMap('a')] }, found: [] },
  ],
  'finalizer-added': [
    {
      title: 'to one that had none',
      base: {},
      head: FINALIZER,
      found: [
        'Application argocd/things: expected no finalizer that deletes what was synced, got foreground deletion of its 1 object',
      ],
    },
    {
      title: 'to all of a new ApplicationSet, which does so where nobody says otherwise',
      base: {},
      head: set(LIST),
      found: [
        'ApplicationSet tools/all: expected Applications without a finalizer that deletes what was synced, got one on each that it makes',
      ],
    },
    {
      title: 'by the template of an ApplicationSet',
      base: set(KEEPING),
      head: set({ ...KEEPING, template: { metadata: { finalizers: ['resources-finalizer.argocd.argoproj.io'] } } }),
      found: [
        'ApplicationSet tools/all: expected Applications without a finalizer that deletes what was synced, got one on each that it makes',
      ],
    },
    { title: 'by no ApplicationSet that keeps', base: set(LIST), head: set({ ...LIST, ...KEEPING }), found: [] },
    { title: 'taken away', base: FINALIZER, head: {}, found: [] },
  ],
  'application-moved': [
    {
      title: 'to another cluster',
      base: {},
      head: { application: { spec: { destination: { server: 'https://192.0.2.1', namespace: 'tools' } } } },
      found: [
        'Application argocd/things: expected spec.destination.server to stay "https://kubernetes.default.svc", got "https://192.0.2.1": everything is created there, and what is here stays and is healed by nobody',
      ],
    },
    {
      title: 'to another namespace, with an object that has none of its own',
      base: { objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }] },
      head: {
        objects: [{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }],
        application: { spec: { destination: { server: 'https://kubernetes.default.svc', namespace: 'other' } } },
      },
      found: [
        'Application argocd/things: expected spec.destination.namespace to stay "tools", got "other": 1 object without a namespace: created there, pruned here',
      ],
    },
    {
      title: 'to another namespace, with objects that say theirs',
      base: {},
      head: {
        application: { spec: { destination: { server: 'https://kubernetes.default.svc', namespace: 'other' } } },
      },
      found: [],
    },
  ],
  'allow-empty': [
    {
      title: 'switched on',
      base: {},
      head: says({ automated: { ...AUTOMATED, allowEmpty: true } }),
      found: [
        'Application argocd/things: expected allowEmpty false, got true: a folder without manifests deletes all its 1 object',
      ],
    },
    {
      title: 'switched on by an ApplicationSet',
      base: set(KEEPING),
      head: set({ ...KEEPING, template: { spec: { syncPolicy: { automated: { allowEmpty: true } } } } }),
      found: [
        'ApplicationSet tools/all: expected allowEmpty false, got true: a folder without manifests deletes all objects of each Application that it makes',
      ],
    },
    { title: 'said to be off', base: {}, head: says({ automated: { ...AUTOMATED, allowEmpty: false } }), found: [] },
  ],
  'automation-off': [
    {
      title: 'selfHeal taken away',
      base: {},
      head: says({ automated: { prune: true } }),
      found: ['Application argocd/things: expected selfHeal to stay, got it switched off'],
    },
    {
      title: 'all of it',
      base: {},
      head: says({ automated: { enabled: false, selfHeal: true } }),
      found: ['Application argocd/things: expected automated sync and selfHeal to stay, got it switched off'],
    },
    { title: 'switched on', base: says({ automated: {} }), head: {}, found: [] },
  ],
  'retry-limited': [
    {
      title: 'of what patches a foreign object',
      base: { objects: [foreign] },
      head: { objects: [foreign], ...says({ retry: { limit: 3 } }) },
      found: ['Application argocd/things: expected retry.limit -1 (it patches 1 foreign object), got 3'],
    },
    {
      title: 'not said at all, which is 5',
      base: {},
      head: { objects: [STAYS, foreign], ...says({ retry: null }) },
      found: ['Application argocd/things: expected retry.limit -1 (it patches 1 foreign object), got 5'],
    },
    { title: 'of what has its own objects', base: {}, head: says({ retry: { limit: 3 } }), found: [] },
  ],
  'unknown-sync-option': [
    {
      title: 'misspelt on an object',
      base: {},
      head: { objects: [configMap('stays', undefined, options('Prune=flase,Delete=false'))] },
      found: [
        'ConfigMap tools/stays: expected a sync option that Argo CD knows, got "Prune=flase", which it ignores; did you mean "Prune=false"?',
      ],
    },
    {
      title: 'misspelt on an Application',
      base: {},
      head: says({ syncOptions: ['ServerSideAply=true'] }),
      found: [
        'Application argocd/things: expected a sync option that Argo CD knows, got "ServerSideAply=true", which it ignores; did you mean "ServerSideApply=true"?',
      ],
    },
    {
      title: 'of an Application, on an object',
      base: {},
      head: { objects: [configMap('stays', undefined, options('ClientSideApplyMigration=false'))] },
      found: [
        'ConfigMap tools/stays: expected "ClientSideApplyMigration=false" among the syncOptions of the Application: on an object Argo CD ignores it',
      ],
    },
    {
      title: 'of an object, on an Application',
      base: {},
      head: says({ syncOptions: ['Force=true'] }),
      found: [
        'Application argocd/things: expected "Force=true" in the annotation of the object: on an Application Argo CD ignores it',
      ],
    },
    {
      title: 'of an ApplicationSet, on an Application',
      base: {},
      head: says({ syncOptions: ['preserveResourcesOnDeletion=true'] }),
      found: [
        'Application argocd/things: expected preserveResourcesOnDeletion in the syncPolicy of an ApplicationSet: among the syncOptions Argo CD ignores it',
      ],
    },
    {
      title: 'of a later Argo CD',
      base: {},
      head: says({ syncOptions: ['Prune=false'] }),
      found: [
        'Application argocd/things: expected an option that every Argo CD from 3.2 on reads on an Application, got "Prune=false": it is read there since 3.4, and on the object itself by all',
      ],
    },
    {
      title: 'in the template of an ApplicationSet',
      base: {},
      head: {
        objects: [
          STAYS,
          object('argoproj.io/v1alpha1', 'ApplicationSet', 'all', {
            spec: { template: { spec: { syncPolicy: { syncOptions: ['IgnoreMissingTemplate=true'] } } } },
          }),
        ],
      },
      found: [
        'ApplicationSet tools/all: expected a sync option that Argo CD knows, got "IgnoreMissingTemplate=true", which it ignores',
      ],
    },
    {
      title: 'in an annotation that is not quite the one',
      base: {},
      head: { objects: [configMap('stays', undefined, { 'argocd.argoproj.io/sync-option': 'Prune=false' })] },
      found: [
        'ConfigMap tools/stays: expected the annotation argocd.argoproj.io/sync-options, got "argocd.argoproj.io/sync-option", which Argo CD ignores',
      ],
    },
    {
      title: 'in an annotation with another beginning',
      base: {},
      head: { objects: [configMap('stays', undefined, { 'argoproj.io/sync-options': 'Prune=false' })] },
      found: [
        'ConfigMap tools/stays: expected the annotation argocd.argoproj.io/sync-options, got "argoproj.io/sync-options", which Argo CD ignores',
      ],
    },
    {
      title: 'among the labels',
      base: {},
      head: {
        objects: [{ ...STAYS, metadata: { ...STAYS.metadata, labels: { 'argocd.argoproj.io/sync-wave': '1' } } }],
      },
      found: [
        'ConfigMap tools/stays: expected argocd.argoproj.io/sync-wave among the annotations, got a label, which Argo CD ignores',
      ],
    },
    {
      title: 'not the annotations of others',
      base: {},
      head: {
        objects: [configMap('stays', undefined, { 'helm.sh/hook': 'x', 'argocd.argoproj.io/tracking-id': 'things:x' })],
      },
      found: [],
    },
    {
      title: 'each in its place',
      base: {},
      head: {
        objects: [configMap('stays', undefined, options('Prune=false, Delete=confirm,ServerSideApply=true'))],
        ...says({ syncOptions: ['PrunePropagationPolicy=background', 'ClientSideApplyMigration=false'] }),
      },
      found: [],
    },
    {
      title: 'was there before',
      base: { objects: [configMap('stays', undefined, options('Prnue=false'))] },
      head: { objects: [configMap('stays', { data: { key: '2' } }, options('Prnue=false'))] },
      found: [],
    },
  ],
  'forced-replacement': [
    {
      title: 'a claim, with both in its annotation',
      base: { objects: [CLAIM()] },
      head: { objects: [CLAIM('Force=true,Replace=true')] },
      found: [
        'PersistentVolumeClaim tools/data: expected it changed in place, got Force=true with Replace=true: each change deletes it first',
      ],
    },
    {
      title: 'a new namespace, with one of the two from its Application',
      base: { objects: [STAYS], ...says({ syncOptions: ['Replace=true'] }) },
      head: {
        objects: [STAYS, object('v1', 'Namespace', 'tools', {}, options('Force=true'))],
        ...says({ syncOptions: ['Replace=true'] }),
      },
      found: [
        'Namespace tools/tools: expected it changed in place, got Force=true with Replace=true: each change deletes it first',
      ],
    },
    {
      title: 'one of the two alone',
      base: { objects: [CLAIM()] },
      head: { objects: [CLAIM('Replace=true')] },
      found: [],
    },
    {
      title: 'refuses what its Application says',
      base: { objects: [CLAIM()], ...says({ syncOptions: ['Replace=true'] }) },
      head: { objects: [CLAIM('Force=true,Replace=false')], ...says({ syncOptions: ['Replace=true'] }) },
      found: [],
    },
    {
      title: 'had both before',
      base: { objects: [CLAIM('Force=true,Replace=true')] },
      head: { objects: [CLAIM('Force=true,Replace=true')] },
      found: [],
    },
    {
      title: 'what holds no data',
      base: { objects: [configMap('stays')] },
      head: { objects: [configMap('stays', undefined, options('Force=true,Replace=true'))] },
      found: [],
    },
  ],
  'replace-with-server-side-apply': [
    {
      title: 'one on the Application, one on the object',
      base: says({ syncOptions: ['ServerSideApply=true'] }),
      head: {
        objects: [configMap('stays', undefined, options('Replace=true'))],
        ...says({ syncOptions: ['ServerSideApply=true'] }),
      },
      found: [
        'ConfigMap tools/stays: expected Replace=true or ServerSideApply=true, got both: it is replaced as a whole',
      ],
    },
    {
      title: 'the object says which',
      base: says({ syncOptions: ['ServerSideApply=true'] }),
      head: {
        objects: [configMap('stays', undefined, options('Replace=true,ServerSideApply=false'))],
        ...says({ syncOptions: ['ServerSideApply=true'] }),
      },
      found: [],
    },
  ],
  'unseen-source': [
    {
      title: 'a chart in another version',
      base: charted('1.0.0'),
      head: charted('2.0.0'),
      found: [
        'Application argocd/things: expected objects to look at, got chart monitoring 2.0.0 (before: chart monitoring 1.0.0): what it changes cannot be told here',
      ],
    },
    {
      title: 'another repository',
      base: {},
      head: from({ path: 'elsewhere', targetRevision: 'main' }),
      found: [
        'Application argocd/things: expected objects to look at, got folder elsewhere of https://git.example/attic.git, which is not in this tree (before: "attic/things"): what it changes cannot be told here',
      ],
    },
    {
      title: 'the same folder at another commit',
      base: {},
      head: from({ path: 'dist/attic/things', targetRevision: 'v1' }),
      found: [
        'Application argocd/things: expected its manifests from main of https://git.example/attic.git, got v1 of https://git.example/attic.git: what stands there is not looked at here',
      ],
    },
    {
      title: 'what an ApplicationSet makes',
      base: set(LIST),
      head: set({ generators: [] }),
      found: [
        'ApplicationSet tools/all: expected Applications to look at, got other generators: which of them come, go and change cannot be told here',
      ],
    },
    { title: 'an ApplicationSet that makes the same', base: set(LIST), head: set({ ...LIST, ...KEEPING }), found: [] },
    { title: 'the same chart', base: charted('1.0.0'), head: charted('1.0.0'), found: [] },
  ],
  'project-widened': [
    {
      title: 'to everything',
      base: project({
        sourceRepos: [REPOSITORY],
        destinations: [{ server: 'x', namespace: 'tools' }],
        clusterResourceWhitelist: [],
      }),
      head: project({
        sourceRepos: ['*'],
        destinations: [{ server: '*', namespace: '*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      }),
      found: [
        'AppProject argocd/narrow: expected sourceRepos to allow no more than before, got *',
        'AppProject argocd/narrow: expected destinations to allow no more than before, got * of *',
        'AppProject argocd/narrow: expected clusterResourceWhitelist to allow no more than before, got * of *',
      ].sort(),
    },
    {
      title: 'by one namespace and one kind',
      base: project({ destinations: [{ server: 'x', namespace: 'tools' }], namespaceResourceWhitelist: [POD] }),
      head: project({
        destinations: [
          { server: 'x', namespace: 'tools' },
          { server: 'x', namespace: 'kube-system' },
        ],
        namespaceResourceWhitelist: [POD, { group: '', kind: 'Secret' }],
      }),
      found: [
        'AppProject argocd/narrow: expected destinations to allow no more than before, got kube-system of x',
        'AppProject argocd/narrow: expected namespaceResourceWhitelist to allow no more than before, got Secret',
      ],
    },
    {
      title: 'by what is no longer kept out',
      base: project({
        sourceRepos: ['*', '!https://elsewhere'],
        namespaceResourceWhitelist: [POD],
        clusterResourceBlacklist: [{ group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' }],
        signatureKeys: [{ keyID: '4AEE' }],
      }),
      head: project({ sourceRepos: ['*'] }),
      found: [
        'AppProject argocd/narrow: expected namespaceResourceWhitelist to name kinds, got none: all are allowed',
        'AppProject argocd/narrow: expected clusterResourceBlacklist to stay, got ClusterRole of rbac.authorization.k8s.io taken out of it',
        'AppProject argocd/narrow: expected signatureKeys to stay, got 4AEE taken out of it',
        'AppProject argocd/narrow: expected sourceRepos to allow no more than before, got https://elsewhere, which was kept out',
      ],
    },
    {
      title: 'because it is new',
      base: {},
      head: project({ sourceRepos: ['*'], destinations: [{ server: 'x', namespace: 'tools' }] }),
      found: ['AppProject argocd/narrow: expected sourceRepos of a new project to name what it needs, got *'],
    },
    {
      title: 'because its Application has another',
      base: { application: { spec: { project: 'narrow' } } },
      head: { application: { spec: { project: 'default' } } },
      found: ['Application argocd/things: expected the project narrow, got default: its limits are others'],
    },
    {
      title: 'by a role and by whose rights it syncs with',
      base: project({ roles: [{ name: 'ci', policies: ['p, a, applications, get, b, allow'] }] }),
      head: project({
        roles: [
          {
            name: 'ci',
            policies: [
              'p, a, applications, get, b, allow',
              'p, a, applications, *, b, allow',
              'p, a, exec, *, b, deny',
            ],
            groups: ['all'],
          },
        ],
        destinationServiceAccounts: [{ server: 'x', namespace: 'tools', defaultServiceAccount: 'admin' }],
      }),
      found: [
        'AppProject argocd/narrow: expected destinationServiceAccounts to allow no more than before, got ServiceAccount admin in tools of x',
        'AppProject argocd/narrow: expected roles to allow no more than before, got p, a, applications, *, b, allow and group all as ci',
      ],
    },
    {
      title: 'not by what its patterns allow already, nor by less',
      base: project({
        sourceRepos: ['https://git.example/*'],
        destinations: [{ server: '*', namespace: 'tools-*' }],
        clusterResourceWhitelist: [{ group: '*', kind: '*' }],
      }),
      head: project({
        sourceRepos: ['https://git.example/attic.git'],
        destinations: [{ server: 'x', namespace: 'tools-a' }],
        clusterResourceWhitelist: [{ group: 'apps', kind: 'Thing' }],
        namespaceResourceWhitelist: [POD],
      }),
      found: [],
    },
  ],
};
