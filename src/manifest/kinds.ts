/** What is known of kinds without asking a cluster. */
import { groupOf, type Manifest } from './manifest.js';

const CLUSTER_SCOPED = new Set([
  ...['/Namespace', '/Node', '/PersistentVolume'],
  ...['ClusterRole', 'ClusterRoleBinding'].map((kind) => `rbac.authorization.k8s.io/${kind}`),
  ...['StorageClass', 'CSIDriver', 'CSINode', 'VolumeAttachment'].map((kind) => `storage.k8s.io/${kind}`),
  'apiextensions.k8s.io/CustomResourceDefinition',
  'apiregistration.k8s.io/APIService',
  'scheduling.k8s.io/PriorityClass',
  'node.k8s.io/RuntimeClass',
  'networking.k8s.io/IngressClass',
  ...['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration', 'ValidatingAdmissionPolicy'].map(
    (kind) => `admissionregistration.k8s.io/${kind}`,
  ),
]);

/** Kinds of other people's CRDs count as namespaced. */
export const isClusterScoped = (manifest: Manifest): boolean =>
  CLUSTER_SCOPED.has(`${groupOf(manifest)}/${manifest.kind}`);

/** What holds data that is nowhere else: another name is another, empty one. */
export const HOLDS_DATA: ReadonlySet<string> = new Set([
  'PersistentVolumeClaim',
  'PersistentVolume',
  'StatefulSet',
  'Namespace',
]);
