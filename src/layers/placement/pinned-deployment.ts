/** A Deployment of one's own that runs on certain nodes and nowhere else. */
import { k8s } from 'cdk8s-plus-28';
import type { Construct } from 'constructs';
import { nodeRequirement } from '../../manifest/node-affinity.js';

export interface PinnedDeploymentProps extends k8s.KubeDeploymentProps {
  readonly spec: k8s.DeploymentSpec;

  /** The only nodes on which its pods may run. When none of them is there the pods wait; they never move elsewhere. */
  readonly nodes: readonly string[];
}

export class PinnedDeployment extends k8s.KubeDeployment {
  constructor(scope: Construct, id: string, { nodes, ...props }: PinnedDeploymentProps) {
    const { template } = props.spec;
    const podSpec = requireNodes(template.spec ?? { containers: [] }, nodes);
    super(scope, id, { ...props, spec: { ...props.spec, template: { ...template, spec: podSpec } } });
  }
}

/** The same for any other workload: a pod spec that requires the nodes on top of what it requires already. */
export function requireNodes(podSpec: k8s.PodSpec, nodes: readonly string[]): k8s.PodSpec {
  const { affinity } = podSpec;
  const required = affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution;
  // Terms are alternatives, so the requirement joins each of them.
  const terms = required?.nodeSelectorTerms ?? [{}];
  const nodeSelectorTerms = terms.map((term) => ({
    ...term,
    matchExpressions: [...(term.matchExpressions ?? []), nodeRequirement('In', nodes)],
  }));
  return {
    ...podSpec,
    affinity: {
      ...affinity,
      nodeAffinity: {
        ...affinity?.nodeAffinity,
        requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms },
      },
    },
  };
}
