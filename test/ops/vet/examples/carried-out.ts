/** What the API server or Argo CD refuses, waits for, or carries out without asking. */
import { configMap, type Examples, type Fields, object } from '../example.js';

const workload = (kind: string, spec: Fields = {}, pod: Fields = {}, container: Fields = {}) =>
  object('apps/v1', kind, 'thing', {
    spec: {
      ...spec,
      template: { spec: { containers: [{ name: 'main', image: 'example.org/program:2.0', ...container }], ...pod } },
    },
  });
const change = (before: ReturnType<typeof object>, after: ReturnType<typeof object>) => ({
  base: { objects: [before] },
  head: { objects: [after] },
});
const labelled = (labels: Fields, spec: Fields = {}) =>
  object('apps/v1', 'Deployment', 'thing', { spec: { ...spec, template: { metadata: { labels } } } });
const service = (selector: Fields) => object('v1', 'Service', 's', { spec: { selector } });
const LOGS = { volumes: [{ name: 'logs', hostPath: { path: '/var/log' } }] };
const NO_TOKEN = { automountServiceAccountToken: false };
const image = (text: string) => workload('Deployment', {}, {}, { image: text });
const wave = (text: string) => ({ 'argocd.argoproj.io/sync-wave': text });
const role = (rules: readonly Fields[], kind = 'Role') =>
  object('rbac.authorization.k8s.io/v1', kind, 'reader', { rules: [...rules] });
const rule = (verbs: readonly string[], resources: readonly string[], more: Fields = {}) => ({
  apiGroups: [''],
  verbs: [...verbs],
  resources: [...resources],
  ...more,
});
const aggregated = (...selectors: readonly Fields[]) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1',
  kind: 'ClusterRole',
  metadata: { name: 'all' },
  aggregationRule: { clusterRoleSelectors: selectors.map((matchLabels) => ({ matchLabels })) },
});
const labelledRole = (labels: Readonly<Record<string, string>>) => {
  const manifest = role([rule(['get'], ['pods'])], 'ClusterRole');
  return { ...manifest, metadata: { ...manifest.metadata, labels } };
};
const named = (name: string, verbs: readonly string[]) => ({
  ...role([rule(verbs, ['pods'])], 'ClusterRole'),
  metadata: { name },
});
const binding = (name: string, subjects: readonly string[]) =>
  object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'readers', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: subjects.map((subject) => ({ kind: 'Group', name: subject })),
  });
const namespace = (level: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'tools', labels: { 'pod-security.kubernetes.io/enforce': level } },
});
const crd = (versions: readonly Fields[]) => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'toys.example.org' },
  spec: { group: 'example.org', names: { kind: 'Toy', plural: 'toys' }, versions: [...versions] },
});
const V1 = { name: 'v1', served: true, storage: true };
const V2 = { name: 'v2', served: true, storage: false };
const claim = (size: string) =>
  object('v1', 'PersistentVolumeClaim', 'data', { spec: { resources: { requests: { storage: size } } } });

export const CARRIED_OUT: Examples = {
  'selector-changed': [
    {
      title: 'of a Deployment',
      ...change(
        workload('Deployment', { selector: { matchLabels: { app: 'a' } } }),
        workload('Deployment', { selector: { matchLabels: { app: 'b' } } }),
      ),
      found: [
        'Deployment tools/thing: expected the selector {"matchLabels":{"app":"a"}}, got {"matchLabels":{"app":"b"}}: the API server refuses it',
      ],
    },
    {
      title: 'which the template no longer has',
      ...change(
        labelled({ app: 'a', tier: 'x' }, { selector: { matchLabels: { app: 'a' } } }),
        labelled({ app: 'b', tier: 'x' }, { selector: { matchLabels: { app: 'a' } } }),
      ),
      found: [
        'Deployment tools/thing: expected the labels {"app":"a"} of the selector in the template, got {"app":"b","tier":"x"}: the API server refuses it',
      ],
    },
    {
      title: 'of a Service, so that it finds no pod any more',
      base: { objects: [labelled({ app: 'a' }), service({ app: 'a' })] },
      head: { objects: [labelled({ app: 'a' }), service({ app: 'b' })] },
      found: [
        'Service tools/s: expected its selector to find Deployment tools/thing, got {"app":"b"}, which finds no workload here',
      ],
    },
    {
      title: 'by pods that got other labels than their Service asks for',
      base: { objects: [labelled({ app: 'a' }), service({ app: 'a' })] },
      head: { objects: [labelled({ app: 'b' }), service({ app: 'a' })] },
      found: [
        'Service tools/s: expected its selector to find Deployment tools/thing, got {"app":"a"}, which finds no workload here',
      ],
    },
    {
      title: 'of a Service whose pods are not in Git',
      ...change(service({ app: 'a' }), service({ app: 'b' })),
      found: [
        'Service tools/s: expected the selector {"app":"a"}, got {"app":"b"}: whose pods these are cannot be told here',
      ],
    },
    {
      title: 'of a Service and of its pods together',
      base: { objects: [labelled({ app: 'a' }), service({ app: 'a' })] },
      head: { objects: [labelled({ app: 'b' }), service({ app: 'b' })] },
      found: [],
    },
    {
      title: 'in which nothing is said otherwise',
      ...change(
        workload('Deployment', { selector: { matchLabels: { a: '1', b: '2' } } }),
        workload('Deployment', { selector: { matchExpressions: [], matchLabels: { b: '2', a: '1' } } }),
      ),
      found: [],
    },
    {
      title: 'not said any more, by a partial',
      ...change(workload('Deployment', { selector: { matchLabels: { app: 'a' } } }), workload('Deployment')),
      found: [],
    },
  ],
  'immutable-field': [
    {
      title: 'parameters of a StorageClass',
      ...change(
        object('storage.k8s.io/v1', 'StorageClass', 'c', { parameters: { a: '1' } }),
        object('storage.k8s.io/v1', 'StorageClass', 'c', { parameters: { a: '2' } }),
      ),
      found: ['StorageClass tools/c: expected parameters.a to stay "1", got "2": the API server refuses it'],
    },
    {
      title: 'an immutable ConfigMap',
      ...change(
        configMap('a', { immutable: true, data: { key: '1' } }),
        configMap('a', { immutable: true, data: { key: '2' } }),
      ),
      found: ['ConfigMap tools/a: expected data.key to stay "1", got "2": the API server refuses it'],
    },
    {
      title: 'a smaller claim',
      ...change(claim('2Gi'), claim('1500Mi')),
      found: [
        'PersistentVolumeClaim tools/data: expected spec.resources.requests.storage to stay "2Gi", got "1500Mi": the API server refuses it',
      ],
    },
    {
      title: 'a binding to another role, which Argo CD makes anew by itself',
      ...change(
        object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'b', { roleRef: { name: 'view' } }),
        object('rbac.authorization.k8s.io/v1', 'RoleBinding', 'b', { roleRef: { name: 'edit' } }),
      ),
      found: [],
    },
    { title: 'a larger claim', ...change(claim('1G'), claim('1Gi')), found: [] },
    {
      title: 'the template of a Deployment',
      ...change(image('example.org/program:1.0'), image('example.org/program:2.0')),
      found: [],
    },
  ],
  'crd-version-removed': [
    {
      title: 'while an object is written in it',
      base: { objects: [crd([V2, { ...V1, storage: false }]), object('example.org/v1', 'Toy', 'old')] },
      head: { objects: [crd([V2]), object('example.org/v1', 'Toy', 'old')] },
      found: [
        'CustomResourceDefinition toys.example.org: expected version v1 to stay (Toy tools/old is written in it), got it removed',
      ],
    },
    {
      title: 'while it is what is stored',
      ...change(crd([V1, V2]), crd([{ ...V2, storage: true }])),
      found: [
        'CustomResourceDefinition toys.example.org: expected version v1 to stay (objects are stored in it), got it removed',
      ],
    },
    {
      title: 'when nothing is in it',
      ...change(crd([{ ...V1, storage: false }, V2]), crd([V2])),
      found: [],
    },
  ],
  'wave-waits': [
    {
      title: 'behind a DaemonSet',
      base: { objects: [workload('DaemonSet')] },
      head: { objects: [workload('DaemonSet'), configMap('behind', undefined, wave('1'))] },
      found: [
        'DaemonSet tools/thing: expected to be in the last wave (one dead node keeps it Progressing), got wave 0 with ConfigMap tools/behind behind it',
      ],
    },
    {
      title: 'before a DaemonSet',
      base: { objects: [workload('DaemonSet')] },
      head: { objects: [workload('DaemonSet'), configMap('before', undefined, wave('-1'))] },
      found: [],
    },
  ],
  'scaled-to-zero': [
    {
      title: 'replicas',
      ...change(workload('Deployment', { replicas: 2 }), workload('Deployment', { replicas: 0 })),
      found: ['Deployment tools/thing: expected at least 1 replica (it has 2), got 0: no pod is left'],
    },
    {
      title: 'a schedule',
      ...change(
        object('batch/v1', 'CronJob', 'backup', { spec: {} }),
        object('batch/v1', 'CronJob', 'backup', { spec: { suspend: true } }),
      ),
      found: ['CronJob tools/backup: expected it to go on running, got suspend true: nothing is started any more'],
    },
    {
      title: "of an operator's kind",
      ...change(
        object('monitoring.coreos.com/v1', 'Prometheus', 'main', { spec: { replicas: 1 } }),
        object('monitoring.coreos.com/v1', 'Prometheus', 'main', { spec: { replicas: 0 } }),
      ),
      found: ['Prometheus tools/main: expected at least 1 replica (it has 1), got 0: no pod is left'],
    },
    {
      title: 'the least of an autoscaler',
      ...change(
        object('autoscaling/v2', 'HorizontalPodAutoscaler', 'a', { spec: { maxReplicas: 3 } }),
        object('autoscaling/v2', 'HorizontalPodAutoscaler', 'a', { spec: { minReplicas: 0, maxReplicas: 3 } }),
      ),
      found: [
        'HorizontalPodAutoscaler tools/a: expected at least 1 replica (it has 1), got 0: it may take the last pod away',
      ],
    },
    {
      title: 'was zero before',
      ...change(workload('Deployment', { replicas: 0 }), workload('Deployment', { replicas: 0, paused: true })),
      found: [],
    },
  ],
  'image-downgraded': [
    {
      title: 'to an older version',
      ...change(image('example.org/program:v1.10.0'), image('example.org/program:v1.9.3')),
      found: [
        "Deployment tools/thing: expected v1.10.0 or newer of example.org/program (container 'main'), got v1.9.3",
      ],
    },
    {
      title: 'to a newer one',
      ...change(image('example.org/program:1.9'), image('example.org/program:1.10')),
      found: [],
    },
    { title: 'to another program', ...change(image('example.org/program:2'), image('example.org/other:1')), found: [] },
  ],
  'image-unpinned': [
    {
      title: 'latest',
      ...change(image('example.org/program:2.0'), image('example.org/program:latest')),
      found: ['Deployment tools/thing: expected a version (container \'main\'), got "example.org/program:latest"'],
    },
    {
      title: 'without its digest',
      ...change(image('example.org:5000/program:2.0@sha256:00'), image('example.org:5000/program:2.0')),
      found: [
        'Deployment tools/thing: expected a digest as before (container \'main\'), got "example.org:5000/program:2.0"',
      ],
    },
    { title: 'pinned', ...change(image('example.org/program'), image('example.org/program:2.0')), found: [] },
  ],
  'rbac-widened': [
    {
      title: 'a verb more',
      ...change(role([rule(['get'], ['pods'])]), role([rule(['get', 'delete'], ['pods'])])),
      found: ['Role tools/reader: expected no more rights than before, got also: delete pods'],
    },
    {
      title: 'every name instead of one',
      ...change(role([rule(['get'], ['secrets'], { resourceNames: ['one'] })]), role([rule(['get'], ['secrets'])])),
      found: ['Role tools/reader: expected no more rights than before, got also: get secrets'],
    },
    {
      title: 'one subject more',
      ...change(binding('view', ['a']), binding('view', ['a', 'b'])),
      found: ['RoleBinding tools/readers: expected ClusterRole view for whom it was for, got also: Group b'],
    },
    {
      title: 'the rules of other roles',
      ...change(aggregated({ a: 'b' }), aggregated({ a: 'b' }, {})),
      found: [
        'ClusterRole all: expected the rules of no more roles than before, got also those that match {"matchLabels":{}}',
      ],
    },
    {
      title: 'everybody who may view',
      ...change(
        role([rule(['get'], ['pods'])], 'ClusterRole'),
        labelledRole({ 'rbac.authorization.k8s.io/aggregate-to-view': 'true' }),
      ),
      found: [
        'ClusterRole tools/reader: expected its rights for whom they were for, got them also for everybody with ClusterRole view',
      ],
    },
    {
      title: 'another role in the same binding',
      ...change(binding('view', ['a']), binding('cluster-admin', ['a'])),
      found: ['RoleBinding tools/readers: expected ClusterRole view for Group a, got ClusterRole cluster-admin'],
    },
    {
      title: 'another role of which Git says that it is more',
      base: { objects: [named('less', ['get']), named('more', ['get', 'delete']), binding('less', ['a'])] },
      head: { objects: [named('less', ['get']), named('more', ['get', 'delete']), binding('more', ['a'])] },
      found: ['RoleBinding tools/readers: expected ClusterRole less for Group a, got ClusterRole more'],
    },
    {
      title: 'not by another role of which Git says that it is less',
      base: { objects: [named('less', ['get']), named('more', ['get', 'delete']), binding('more', ['a'])] },
      head: { objects: [named('less', ['get']), named('more', ['get', 'delete']), binding('less', ['a'])] },
      found: [],
    },
    {
      title: 'not by any other role than cluster-admin',
      ...change(binding('cluster-admin', ['a']), binding('view', ['a'])),
      found: [],
    },
    {
      title: 'a new role with the rules of all',
      base: { objects: [configMap('a')] },
      head: { objects: [configMap('a'), aggregated({})] },
      found: ['ClusterRole all: expected a role without power over others, got the rules of every ClusterRole'],
    },
    {
      title: 'a new role with power over others',
      base: { objects: [configMap('a')] },
      head: { objects: [configMap('a'), role([{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }])] },
      found: ['Role tools/reader: expected a role without power over others, got: * */*'],
    },
    {
      title: 'everybody an administrator',
      base: { objects: [configMap('a')] },
      head: { objects: [configMap('a'), binding('cluster-admin', ['system:authenticated'])] },
      found: [
        'RoleBinding tools/readers: expected a role of its own, got ClusterRole cluster-admin for Group system:authenticated',
        'RoleBinding tools/readers: expected named subjects, got Group system:authenticated',
      ],
    },
    {
      title: 'what a wildcard allowed before',
      ...change(
        role([{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }]),
        role([rule(['get'], ['secrets', 'pods/log'])]),
      ),
      found: [],
    },
    {
      title: 'an ordinary new role',
      base: { objects: [configMap('a')] },
      head: { objects: [configMap('a'), role([rule(['get', 'list'], ['pods', 'pods/log'])])] },
      found: [],
    },
  ],
  'privilege-widened': [
    {
      title: 'of a pod and of its container',
      ...change(
        workload('Deployment', {}, { automountServiceAccountToken: false }),
        workload(
          'Deployment',
          {},
          { automountServiceAccountToken: false, hostPID: true },
          { securityContext: { privileged: true } },
        ),
      ),
      found: ['Deployment tools/thing: expected no more power than before, got host-pid, main.privileged'],
    },
    {
      title: 'root instead of a user',
      ...change(
        workload('Deployment', {}, {}, { securityContext: { runAsUser: 1000 } }),
        workload('Deployment', {}, {}, { securityContext: { runAsUser: 0 } }),
      ),
      found: ['Deployment tools/thing: expected no more power than before, got main.root'],
    },
    {
      title: 'another folder of the host',
      ...change(
        workload('Deployment', {}, { volumes: [{ name: 'logs', hostPath: { path: '/var/log' } }] }),
        workload('Deployment', {}, { volumes: [{ name: 'logs', hostPath: { path: '/' } }] }),
      ),
      found: [`Deployment tools/thing: expected the volume 'logs' to stay "/var/log" of the host, got "/"`],
    },
    {
      title: 'a folder of the host to write in',
      ...change(
        workload('Deployment', {}, LOGS, { volumeMounts: [{ name: 'logs', mountPath: '/logs', readOnly: true }] }),
        workload('Deployment', {}, LOGS, { volumeMounts: [{ name: 'logs', mountPath: '/logs' }] }),
      ),
      found: [
        `Deployment tools/thing: expected the volume 'logs' ("/var/log" of the host) to stay read-only, got it writable`,
      ],
    },
    {
      title: 'the rights of somebody else',
      ...change(workload('Deployment'), workload('Deployment', {}, { serviceAccountName: 'admin' })),
      found: ['Deployment tools/thing: expected the rights of ServiceAccount default, got those of admin'],
    },
    {
      title: 'its own account, which is new, or none of its rights',
      base: { objects: [workload('Deployment'), workload('StatefulSet', {}, NO_TOKEN)] },
      head: {
        objects: [
          workload('Deployment', {}, { serviceAccountName: 'own' }),
          workload('StatefulSet', {}, { ...NO_TOKEN, serviceAccountName: 'admin' }),
          object('v1', 'ServiceAccount', 'own'),
        ],
      },
      found: [],
    },
    {
      title: 'of a new workload',
      base: { objects: [configMap('a')] },
      head: { objects: [configMap('a'), workload('DaemonSet', {}, { hostNetwork: true })] },
      found: ['DaemonSet tools/thing: expected no more power than an ordinary pod has, got host-network'],
    },
    {
      title: 'some capabilities instead of all',
      ...change(
        workload('Deployment', {}, {}, { securityContext: { privileged: true } }),
        workload('Deployment', {}, {}, { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }),
      ),
      found: [],
    },
    {
      title: 'an ordinary new workload',
      base: { objects: [configMap('a')] },
      head: { objects: [configMap('a'), workload('Deployment')] },
      found: [],
    },
  ],
  'pod-security-lowered': [
    {
      title: 'from restricted to baseline',
      ...change(namespace('restricted'), namespace('baseline')),
      found: ['Namespace tools: expected pod-security.kubernetes.io/enforce to stay restricted, got baseline'],
    },
    { title: 'raised', ...change(namespace('privileged'), namespace('baseline')), found: [] },
  ],
};
