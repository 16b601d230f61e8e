/** Objects, and changes of each that an API server refuses or takes. */
import type { Json, Manifest } from '../../../src/manifest/manifest.js';

interface FieldCase {
  readonly path: readonly (string | number)[];
  /** Undefined: the field is taken away. */
  readonly value: Json | undefined;
  readonly refused: boolean;
}

interface KindCases {
  readonly manifest: Manifest;
  readonly changes: readonly FieldCase[];
}

type Content = { readonly [key: string]: Json };

const refused = (path: string, value?: Json): FieldCase => ({ path: steps(path), value, refused: true });
const taken = (path: string, value?: Json): FieldCase => ({ path: steps(path), value, refused: false });

const steps = (path: string): readonly (string | number)[] =>
  path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));

function kind(apiVersion: string, name: string, content: Content, ...changes: readonly FieldCase[]): KindCases {
  const metadata = { name: CRD_NAMES.get(name) ?? 'tried' };
  return { manifest: { apiVersion, kind: name, metadata, ...content }, changes };
}

const CRD_NAMES = new Map([['CustomResourceDefinition', 'toys.example.org']]);

const pod = (restartPolicy?: string) => ({
  containers: [{ name: 'main', image: 'example.org/none:1' }],
  ...(restartPolicy === undefined ? {} : { restartPolicy }),
});
const template = (restartPolicy?: string) => ({
  metadata: { labels: { app: 'tried', more: 'yes' } },
  spec: pod(restartPolicy),
});
const selector = { matchLabels: { app: 'tried' } };
const OTHER_SELECTOR = { matchLabels: { app: 'tried', more: 'yes' } };
const claimTemplate = (storage: string) => ({
  metadata: { name: 'data' },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
});
const role = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name });

const workload = { spec: { selector, template: template() } };

export const IMMUTABLE_CASES: readonly KindCases[] = [
  ...['Deployment', 'ReplicaSet', 'DaemonSet'].map((name) =>
    kind(
      'apps/v1',
      name,
      workload,
      refused('spec.selector', OTHER_SELECTOR),
      taken('spec.template.spec.containers.0.image', 'example.org/none:2'),
    ),
  ),
  kind(
    'apps/v1',
    'StatefulSet',
    { spec: { selector, serviceName: 'one', template: template(), volumeClaimTemplates: [claimTemplate('1Gi')] } },
    refused('spec.selector', OTHER_SELECTOR),
    refused('spec.serviceName', 'two'),
    refused('spec.podManagementPolicy', 'Parallel'),
    refused('spec.volumeClaimTemplates.0.spec.resources.requests.storage', '2Gi'),
    taken('spec.replicas', 3),
    taken('spec.template.spec.containers.0.image', 'example.org/none:2'),
    taken('spec.updateStrategy', { type: 'RollingUpdate', rollingUpdate: { partition: 1 } }),
    taken('spec.minReadySeconds', 5),
    taken('spec.ordinals', { start: 1 }),
    taken('spec.revisionHistoryLimit', 3),
    taken('spec.persistentVolumeClaimRetentionPolicy', { whenDeleted: 'Delete' }),
  ),
  kind(
    'batch/v1',
    'Job',
    { spec: { completions: 2, template: template('Never') } },
    refused('spec.template.spec.containers.0.image', 'example.org/none:2'),
    refused('spec.completions', 3),
    refused('spec.completionMode', 'Indexed'),
    refused('spec.podFailurePolicy', {
      rules: [{ action: 'Ignore', onExitCodes: { operator: 'In', values: [42] } }],
    }),
    taken('spec.parallelism', 2),
    taken('spec.suspend', true),
    taken('spec.backoffLimit', 2),
    taken('spec.ttlSecondsAfterFinished', 60),
  ),
  kind(
    'batch/v1',
    'Job',
    {
      metadata: { name: 'indexed' },
      spec: { completions: 2, completionMode: 'Indexed', manualSelector: true, selector, template: template('Never') },
    },
    refused('spec.selector', OTHER_SELECTOR),
    refused('spec.backoffLimitPerIndex', 1),
    refused('spec.successPolicy', { rules: [{ succeededCount: 1 }] }),
  ),
  kind(
    'v1',
    'Service',
    { spec: { clusterIP: 'None', selector: { app: 'tried' }, ports: [{ port: 80, protocol: 'TCP' }] } },
    refused('spec.clusterIP', '10.43.0.99'),
    taken('spec.clusterIP'),
    taken('spec.selector', { app: 'other' }),
    taken('spec.ports.0.port', 81),
  ),
  kind(
    'v1',
    'PersistentVolumeClaim',
    {
      spec: {
        accessModes: ['ReadWriteOnce'],
        storageClassName: 'tried',
        volumeMode: 'Filesystem',
        volumeName: 'none',
        resources: { requests: { storage: '1Gi' } },
      },
    },
    refused('spec.accessModes', ['ReadWriteMany']),
    refused('spec.storageClassName', 'other'),
    refused('spec.storageClassName'),
    refused('spec.volumeName'),
    refused('spec.resources.requests.storage', '512Mi'),
    refused('spec.volumeMode', 'Block'),
    refused('spec.selector', { matchLabels: { a: 'b' } }),
    taken('metadata.labels', { a: 'b' }),
    taken('spec.volumeMode'),
  ),
  kind(
    'v1',
    'PersistentVolume',
    {
      spec: {
        capacity: { storage: '1Gi' },
        accessModes: ['ReadWriteOnce'],
        nfs: { server: '192.0.2.1', path: '/one' },
        persistentVolumeReclaimPolicy: 'Retain',
      },
    },
    refused('spec.nfs.path', '/two'),
    refused('spec.volumeMode', 'Block'),
    taken('spec.capacity.storage', '2Gi'),
    taken('spec.accessModes', ['ReadWriteMany']),
    taken('spec.persistentVolumeReclaimPolicy', 'Delete'),
    taken('spec.storageClassName', 'other'),
    taken('spec.mountOptions', ['hard']),
  ),
  kind(
    'v1',
    'Pod',
    { spec: pod() },
    refused('spec.containers.0.env', [{ name: 'A', value: 'b' }]),
    refused('spec.nodeSelector', { a: 'b' }),
    refused('spec.restartPolicy', 'Never'),
    refused('spec.hostNetwork', true),
    taken('spec.containers.0.image', 'example.org/none:2'),
    taken('spec.activeDeadlineSeconds', 60),
    taken('metadata.labels', { a: 'b' }),
  ),
  kind(
    'v1',
    'Secret',
    { type: 'Opaque', stringData: { a: 'b' } },
    refused('type', 'example.org/other'),
    taken('stringData.a', 'c'),
  ),
  ...['ConfigMap', 'Secret'].map((name) =>
    kind(
      'v1',
      name,
      { data: { a: 'YQ==' }, immutable: true },
      refused('data.a', 'Yg=='),
      refused('immutable'),
      refused('data.b', 'Yg=='),
      taken('metadata.labels', { a: 'b' }),
    ),
  ),
  ...['RoleBinding', 'ClusterRoleBinding'].map((name) =>
    kind(
      'rbac.authorization.k8s.io/v1',
      name,
      { roleRef: role('view'), subjects: [] },
      refused('roleRef.name', 'edit'),
      taken('subjects', [{ kind: 'ServiceAccount', name: 'default', namespace: 'default' }]),
    ),
  ),
  kind(
    'storage.k8s.io/v1',
    'StorageClass',
    { provisioner: 'example.org/one', parameters: { a: 'b' }, reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' },
    refused('provisioner', 'example.org/two'),
    refused('parameters.a', 'c'),
    refused('reclaimPolicy', 'Retain'),
    refused('volumeBindingMode', 'WaitForFirstConsumer'),
    taken('allowVolumeExpansion', true),
    taken('mountOptions', ['hard']),
  ),
  kind(
    'scheduling.k8s.io/v1',
    'PriorityClass',
    { value: 1000 },
    refused('value', 2000),
    refused('preemptionPolicy', 'Never'),
    taken('description', 'another'),
  ),
  kind(
    'node.k8s.io/v1',
    'RuntimeClass',
    { handler: 'one' },
    refused('handler', 'two'),
    taken('metadata.labels', { a: 'b' }),
  ),
  kind(
    'networking.k8s.io/v1',
    'IngressClass',
    { spec: { controller: 'example.org/one' } },
    refused('spec.controller', 'example.org/two'),
    taken('metadata.labels', { a: 'b' }),
  ),
  kind(
    'apiextensions.k8s.io/v1',
    'CustomResourceDefinition',
    {
      spec: {
        group: 'example.org',
        scope: 'Namespaced',
        names: { kind: 'Toy', plural: 'toys', singular: 'toy', listKind: 'ToyList' },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    },
    refused('spec.scope', 'Cluster'),
    refused('spec.names.kind', 'Doll'),
    refused('spec.names.plural', 'dolls'),
    refused('spec.group', 'other.example.org'),
    taken('spec.names.shortNames', ['ty']),
  ),
];
