/** The DaemonSet that brings a group of hosts to their state, and the ConfigMap that it brings. */
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import type { HostGroup, Images } from '../../cluster/cluster.js';
import { STATE_FOLDER } from '../../host/host-state.js';
import { HOSTNAME_LABEL, requiredNodeAffinity } from '../../manifest/node-affinity.js';
import { CONTENT_HASH, contentHash } from './content-hash.js';
import { enterHost } from './enter-host.js';
import type { Payload } from './payload.js';
import { BOOTSTRAP_FOLDER } from './plan.js';

export const NODE_BOOTSTRAP_NAMESPACE = 'kube-system';

interface NodeBootstrapProps {
  readonly group: HostGroup;
  readonly images: Images;
  readonly payload: Payload;
}

const PAYLOAD_FOLDER = '/payload';
const HOST_STATE_FOLDER = '/host';

export class NodeBootstrap extends Construct {
  constructor(scope: Construct, id: string, { group, images, payload }: NodeBootstrapProps) {
    super(scope, id);
    const { name } = group;
    const labels = { 'app.kubernetes.io/name': 'node-bootstrap', 'app.kubernetes.io/instance': name };
    const metadata = { name, namespace: NODE_BOOTSTRAP_NAMESPACE, labels };

    new k8s.KubeConfigMap(this, 'Payload', { metadata, data: Object.fromEntries(payload) });
    new k8s.KubeDaemonSet(this, 'DaemonSet', {
      metadata,
      spec: {
        selector: { matchLabels: labels },
        revisionHistoryLimit: 3,
        updateStrategy: {
          type: 'RollingUpdate',
          // One host after the other: a payload that does harm stops at the first.
          rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(1) },
        },
        template: {
          metadata: { labels, annotations: { [CONTENT_HASH]: contentHash(payload) } },
          spec: podSpec(group, images),
        },
      },
    });
  }
}

const podSpec = (group: HostGroup, { alpine, pause: pauseImage }: Images): k8s.PodSpec => ({
  ...placement(group),
  // A host that is cordoned, not ready or tainted is the one that needs it most.
  tolerations: [{ operator: 'Exists' }],
  priorityClassName: 'system-node-critical',
  // PID 1 must be the host's, because its namespaces are the ones to enter.
  hostPid: true,
  // Without a pod network it also works where the network is what is broken, and adds no veth pair to the churn.
  hostNetwork: true,
  dnsPolicy: 'Default',
  automountServiceAccountToken: false,
  enableServiceLinks: false,
  terminationGracePeriodSeconds: 10,
  initContainers: [converge(alpine)],
  containers: [pause(pauseImage)],
  volumes: [
    { name: 'payload', configMap: { name: group.name, defaultMode: 0o555 } },
    { name: 'host-state', hostPath: { path: STATE_FOLDER, type: 'DirectoryOrCreate' } },
  ],
});

/** One node is named; several are listed, because a selector knows one value only. */
function placement({ nodes }: HostGroup): Pick<k8s.PodSpec, 'nodeSelector' | 'affinity'> {
  const names = nodes.map(({ name }) => name);
  const [first, ...others] = names;
  if (first !== undefined && others.length === 0) return { nodeSelector: { [HOSTNAME_LABEL]: first } };
  return {
    nodeSelector: { 'kubernetes.io/os': 'linux' },
    affinity: { nodeAffinity: requiredNodeAffinity('In', names) },
  };
}

const converge = (image: string): k8s.Container => ({
  name: 'converge',
  image,
  imagePullPolicy: 'IfNotPresent',
  command: ['/bin/sh', `${PAYLOAD_FOLDER}/stage.sh`],
  args: [...enterHost(['bash', `${BOOTSTRAP_FOLDER}/payload/converge.sh`])],
  env: [
    {
      name: 'STAGE_CONTENT_SHA256',
      valueFrom: { fieldRef: { fieldPath: `metadata.annotations['${CONTENT_HASH}']` } },
    },
    { name: 'STAGE_PAYLOAD', value: PAYLOAD_FOLDER },
    { name: 'STAGE_TARGET', value: BOOTSTRAP_FOLDER.replace(STATE_FOLDER, HOST_STATE_FOLDER) },
    { name: 'STAGE_TIMEOUT', value: '900' },
  ],
  resources: {
    requests: { cpu: k8s.Quantity.fromString('10m'), memory: k8s.Quantity.fromString('16Mi') },
    // update-grub runs in here; the rest needs a tenth of it.
    limits: { memory: k8s.Quantity.fromString('128Mi') },
  },
  // What was refused shows in `kubectl describe pod`.
  terminationMessagePolicy: 'FallbackToLogsOnError',
  securityContext: {
    // Entering the namespaces of PID 1 and writing the host's files is what it is for.
    privileged: true,
    // The host's files and systemd's private socket are root's.
    runAsUser: 0,
    readOnlyRootFilesystem: true,
  },
  volumeMounts: [
    { name: 'payload', mountPath: PAYLOAD_FOLDER, readOnly: true },
    { name: 'host-state', mountPath: HOST_STATE_FOLDER },
  ],
});

/** Keeps the pod in "Running": a bootstrap pod that is not there says that its host is not as described. */
const pause = (image: string): k8s.Container => ({
  name: 'pause',
  image,
  imagePullPolicy: 'IfNotPresent',
  resources: {
    requests: { cpu: k8s.Quantity.fromString('1m'), memory: k8s.Quantity.fromString('4Mi') },
    limits: { memory: k8s.Quantity.fromString('16Mi') },
  },
  securityContext: {
    privileged: false,
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    runAsNonRoot: true,
    runAsUser: 65534,
    capabilities: { drop: ['ALL'] },
    seccompProfile: { type: 'RuntimeDefault' },
  },
});
