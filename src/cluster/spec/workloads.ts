/** What holds for single workloads: DNS, placement, connections. */
export interface DnsSpec {
  /**
   * How many CoreDNS pods, each on a node of its own.
   *
   * @default 2
   */
  readonly replicas?: number;
}

export interface KeepOffSpec<Node extends string> {
  /** The Deployment's namespace. */
  readonly namespace: string;

  /** The Deployment's name. It must be there already: only its affinity is set. */
  readonly deployment: string;

  /** The nodes on which its pods must not run; at least one other node must be left. */
  readonly nodes: readonly NoInfer<Node>[];

  /**
   * Who applied the Deployment. `kubectl-apply` and `argocd` are refused, with what to do instead: a partial patch
   * of an object that `kubectl apply` owns fails for ever, and two Applications on one object undo each other.
   */
  readonly appliedBy: 'helm' | 'controller' | 'kubectl-apply' | 'argocd';
}

export interface NetworkPolicySpec {
  /** The policy's own name. */
  readonly name: string;

  /** Of the policy, and so of the pods. */
  readonly namespace: string;

  /** The labels of the pods that are protected. */
  readonly pods: Readonly<Record<string, string>>;

  /** The namespaces whose pods may connect; everybody else may not. */
  readonly allowFromNamespaces: readonly string[];

  /** The TCP ports that may be reached. @default - every port */
  readonly ports?: readonly number[];
}
