/**
 * The whole CoreDNS Deployment of MicroK8s's dns addon, with replicas, affinity and strategy set.
 *
 * Whole, because `microk8s enable dns` is a plain `kubectl apply`: Argo CD takes that manager's fields over before it
 * applies, and a partial manifest then means "drop everything else", which the API refuses on every sync from then on.
 */
import { k8s } from 'cdk8s-plus-28';
import type { Manifest } from '../../manifest/manifest.js';
import { DNS_LABELS, oneForEachNode, ROLLOUT } from './anti-affinity.js';

export const microk8sCoredns = (image: string, replicas: number): Manifest =>
  deployment(image, { spec: { replicas, strategy: strategyOf(ROLLOUT) }, pod: { affinity: oneForEachNode() } });

/** As the addon has it. A count of replicas is not in it: that is the server's default, or whoever scales. */
export const microk8sOriginal = (image: string): Manifest =>
  deployment(image, { spec: { strategy: strategyOf({ maxSurge: '10%', maxUnavailable: 0 }) }, pod: {} });

interface Ours {
  readonly spec: Pick<k8s.DeploymentSpec, 'replicas' | 'strategy'>;
  readonly pod: Pick<k8s.PodSpec, 'affinity'>;
}

function deployment(image: string, ours: Ours): Manifest {
  // The generated code returns plain JSON but says `any`.
  const manifest: Manifest = k8s.KubeDeployment.manifest(addon(image, ours));
  return manifest;
}

const strategyOf = ({ maxSurge, maxUnavailable }: Record<'maxSurge' | 'maxUnavailable', number | string>) => ({
  type: 'RollingUpdate',
  rollingUpdate: { maxSurge: countOrShare(maxSurge), maxUnavailable: countOrShare(maxUnavailable) },
});

const countOrShare = (value: number | string): k8s.IntOrString =>
  typeof value === 'number' ? k8s.IntOrString.fromNumber(value) : k8s.IntOrString.fromString(value);

const addon = (image: string, { spec, pod }: Ours): k8s.KubeDeploymentProps => ({
  metadata: {
    name: 'coredns',
    namespace: 'kube-system',
    labels: {
      ...DNS_LABELS,
      'kubernetes.io/name': 'CoreDNS',
      'kubernetes.io/cluster-service': 'true',
      'addonmanager.kubernetes.io/mode': 'Reconcile',
    },
  },
  spec: {
    ...spec,
    selector: { matchLabels: { ...DNS_LABELS } },
    template: {
      metadata: { labels: { ...DNS_LABELS }, annotations: { priorityClassName: 'system-cluster-critical' } },
      spec: {
        priorityClassName: 'system-cluster-critical',
        serviceAccountName: 'coredns',
        ...pod,
        tolerations: [{ key: 'CriticalAddonsOnly', operator: 'Exists' }],
        volumes: [
          { name: 'config-volume', configMap: { name: 'coredns', items: [{ key: COREFILE, path: COREFILE }] } },
        ],
        containers: [coredns(image)],
        dnsPolicy: 'Default',
      },
    },
  },
});

const COREFILE = 'Corefile';

const coredns = (image: string): k8s.Container => ({
  name: 'coredns',
  image,
  imagePullPolicy: 'IfNotPresent',
  resources: {
    limits: { memory: k8s.Quantity.fromString('170Mi') },
    requests: { cpu: k8s.Quantity.fromString('100m'), memory: k8s.Quantity.fromString('70Mi') },
  },
  args: ['-conf', `/etc/coredns/${COREFILE}`],
  volumeMounts: [{ name: 'config-volume', mountPath: '/etc/coredns', readOnly: true }],
  ports: [
    { containerPort: 53, name: 'dns', protocol: 'UDP' },
    { containerPort: 53, name: 'dns-tcp', protocol: 'TCP' },
    { containerPort: 9153, name: 'metrics', protocol: 'TCP' },
  ],
  securityContext: {
    // The addon fills in true on Ubuntu 16.04 only.
    allowPrivilegeEscalation: false,
    // Port 53 is below 1024.
    capabilities: { add: ['NET_BIND_SERVICE'], drop: ['all'] },
    readOnlyRootFilesystem: true,
  },
  livenessProbe: {
    httpGet: { path: '/health', port: k8s.IntOrString.fromNumber(8080), scheme: 'HTTP' },
    initialDelaySeconds: 60,
    timeoutSeconds: 5,
    successThreshold: 1,
    failureThreshold: 5,
  },
  readinessProbe: { httpGet: { path: '/ready', port: k8s.IntOrString.fromNumber(8181), scheme: 'HTTP' } },
});
