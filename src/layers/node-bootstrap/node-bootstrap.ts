/** The DaemonSet that brings a group of hosts to their state, and the ConfigMap that it brings. */
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import type { HostGroup, Images } from '../../cluster/cluster.js';
import { privilegeAnnotations } from '../../manifest/privileges.js';
import { CONTENT_HASH, contentHash } from './content-hash.js';
import type { Payload } from './payload.js';
import { bootstrapPod, privilegesOf, UNCONFINED } from './pod.js';

export const NODE_BOOTSTRAP_NAMESPACE = 'kube-system';

interface NodeBootstrapProps {
  readonly group: HostGroup;
  readonly images: Images;
  readonly payload: Payload;
}

export class NodeBootstrap extends Construct {
  constructor(scope: Construct, id: string, { group, images, payload }: NodeBootstrapProps) {
    super(scope, id);
    const { name } = group;
    const labels = { 'app.kubernetes.io/name': 'node-bootstrap', 'app.kubernetes.io/instance': name };
    const metadata = { name, namespace: NODE_BOOTSTRAP_NAMESPACE, labels };

    new k8s.KubeConfigMap(this, 'Payload', { metadata, data: Object.fromEntries(payload) });
    new k8s.KubeDaemonSet(this, 'DaemonSet', {
      metadata: { ...metadata, annotations: privilegeAnnotations(privilegesOf(group)) },
      spec: {
        selector: { matchLabels: labels },
        revisionHistoryLimit: 3,
        updateStrategy: {
          type: 'RollingUpdate',
          // One host after the other: a payload that does harm stops at the first.
          rollingUpdate: { maxUnavailable: k8s.IntOrString.fromNumber(1) },
        },
        template: {
          metadata: { labels, annotations: { [CONTENT_HASH]: contentHash(payload), ...UNCONFINED } },
          spec: bootstrapPod(group, images),
        },
      },
    });
  }
}
