/** The DaemonSet that brings a group of hosts to their state, and the ConfigMap of what is particular to them. */
import { ApiObject } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { Construct } from 'constructs';
import type { HostGroup, Images } from '../../cluster/cluster.js';
import { privilegeAnnotations } from '../../manifest/privileges.js';
import { CONTENT_HASH, contentHash } from './content-hash.js';
import { NODE_BOOTSTRAP_NAMESPACE, UNCONFINED } from './host-pod.js';
import type { Payload } from './payload.js';
import { bootstrapPod, privilegesOf } from './pod.js';
import { splitPayload } from './programs.js';

interface NodeBootstrapProps {
  readonly group: HostGroup;
  readonly images: Images;
  readonly payload: Payload;
  /** The part of the payload that another ConfigMap brings. */
  readonly programs: Payload;
}

export class NodeBootstrap extends Construct {
  constructor(scope: Construct, id: string, { group, images, payload, programs }: NodeBootstrapProps) {
    super(scope, id);
    const { name } = group;
    const labels = { 'app.kubernetes.io/name': 'node-bootstrap', 'app.kubernetes.io/instance': name };
    const metadata = { name, namespace: NODE_BOOTSTRAP_NAMESPACE, labels };

    const { sources, own } = splitPayload(group, payload, programs);
    new k8s.KubeConfigMap(this, 'Payload', { metadata, data: Object.fromEntries(own) });
    const daemonSet: RenderedDaemonSet = k8s.KubeDaemonSet.manifest({
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
          metadata: { labels, annotations: { [CONTENT_HASH]: contentHash(payload) } },
          spec: bootstrapPod(group, images, sources),
        },
      },
    });
    new ApiObject(this, 'DaemonSet', unconfined(daemonSet));
  }
}

interface RenderedDaemonSet {
  readonly apiVersion: string;
  readonly kind: string;
  readonly spec: { readonly template: { readonly spec: object } };
}

/** With the field that the generated construct would drop: its types do not know it. */
function unconfined(daemonSet: RenderedDaemonSet): RenderedDaemonSet {
  const { template } = daemonSet.spec;
  const spec = { ...template.spec, securityContext: UNCONFINED };
  return { ...daemonSet, spec: { ...daemonSet.spec, template: { ...template, spec } } };
}
