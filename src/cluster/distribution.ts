/** Where k3s and MicroK8s differ: units, paths and commands, in one table. */
type DistributionName = 'k3s' | 'microk8s';

/** What a node does for the cluster: `control-plane` also runs workloads in both distributions. */
export type NodeRole = 'control-plane' | 'worker';

export interface Distribution {
  readonly name: DistributionName;

  /** The systemd unit that runs the kubelet on a node of this role. */
  readonly kubeletUnit: Readonly<Record<NodeRole, string>>;

  /** The systemd unit that starts containerd: k3s embeds it, MicroK8s has a unit of its own. */
  readonly containerdUnit: Readonly<Record<NodeRole, string>>;

  /** containerd's `root`: holds the database with the sandbox records. */
  readonly containerdRoot: string;

  /** containerd's `state`: holds a folder for each task, on a file system that ends with the boot. */
  readonly containerdState: string;

  /** containerd's socket. Its shims carry it in their arguments, which tells them from another containerd's. */
  readonly containerdSocket: string;

  /** Whether systemd waits for `containerdUnit` to start without limit, or only for its default of 90 s. */
  readonly containerdStartTimeout: 'infinite' | 'default';

  /** The containerd program on the host that belongs to this root. */
  readonly containerdProgram: string;

  /** `ctr`, its words separated by one blank each. */
  readonly ctrCommand: string;

  /** kubectl with admin rights on a control-plane host, its words separated by one blank each. */
  readonly kubectlCommand: string;

  /** kubectl as the node itself, on a host of any role: it may read its own Node object and little else. */
  readonly nodeKubectlCommand: string;

  /** kubectl without any credentials, which every user of the host may run, its words separated by one blank each. */
  readonly plainKubectlCommand: string;

  /** Where the distribution keeps an iptables of its own, for a host that has none. */
  readonly iptablesFolder: string;

  /** Where the certificates of a node are, as `*.crt`; the folders of the other role are not there. */
  readonly certificateFolders: readonly string[];

  /** The systemd unit that runs kine or dqlite where that is the datastore. */
  readonly datastoreUnit: string;

  /** Where the API server of a control-plane node listens, for the other nodes. */
  readonly apiPort: number;

  /** TCP ports that a node of this distribution uses itself, on any address. */
  readonly ownPorts: readonly number[];

  /** Where the local-path (k3s) or hostpath (MicroK8s) provisioner keeps its volumes. */
  readonly localPathRoot: string;

  /** kube-scheduler's arguments, one `--flag=value` a line; null where the distribution keeps no such file. */
  readonly schedulerArguments: string | null;

  /**
   * Who owns CoreDNS's fields: k3s's deploy controller leaves room for a partial patch, `kubectl apply` does not
   * (facts of a real Argo CD: a partial patch of such an object fails for ever).
   */
  readonly corednsAppliedBy: 'controller' | 'kubectl-apply';
}

/** etcd, the kubelet, kube-proxy, kube-controller-manager, kube-scheduler, and node_exporter in every node's network. */
const KUBERNETES_PORTS = [2379, 2380, 2381, 9100, 10_248, 10_249, 10_250, 10_255, 10_256, 10_257, 10_258, 10_259];

export const DISTRIBUTIONS: Readonly<Record<DistributionName, Distribution>> = {
  k3s: {
    name: 'k3s',
    kubeletUnit: { 'control-plane': 'k3s.service', worker: 'k3s-agent.service' },
    containerdUnit: { 'control-plane': 'k3s.service', worker: 'k3s-agent.service' },
    containerdRoot: '/var/lib/rancher/k3s/agent/containerd',
    containerdState: '/run/k3s/containerd',
    containerdSocket: '/run/k3s/containerd/containerd.sock',
    containerdStartTimeout: 'infinite',
    containerdProgram: '/var/lib/rancher/k3s/data/current/bin/containerd',
    ctrCommand: '/var/lib/rancher/k3s/data/current/bin/ctr',
    kubectlCommand: '/usr/local/bin/k3s kubectl',
    nodeKubectlCommand: '/usr/local/bin/k3s kubectl --kubeconfig=/var/lib/rancher/k3s/agent/kubelet.kubeconfig',
    plainKubectlCommand: '/usr/local/bin/k3s kubectl',
    iptablesFolder: '/var/lib/rancher/k3s/data/current/bin/aux',
    certificateFolders: ['/var/lib/rancher/k3s/server/tls', '/var/lib/rancher/k3s/agent'],
    datastoreUnit: 'k3s.service',
    apiPort: 6443,
    ownPorts: [...KUBERNETES_PORTS, 5001, 6443, 6444, 10_010],
    localPathRoot: '/var/lib/rancher/k3s/storage',
    schedulerArguments: null,
    corednsAppliedBy: 'controller',
  },
  microk8s: {
    name: 'microk8s',
    kubeletUnit: {
      'control-plane': 'snap.microk8s.daemon-kubelite.service',
      worker: 'snap.microk8s.daemon-kubelite.service',
    },
    containerdUnit: {
      'control-plane': 'snap.microk8s.daemon-containerd.service',
      worker: 'snap.microk8s.daemon-containerd.service',
    },
    containerdRoot: '/var/snap/microk8s/common/var/lib/containerd',
    containerdState: '/var/snap/microk8s/common/run/containerd',
    containerdSocket: '/var/snap/microk8s/common/run/containerd.sock',
    containerdStartTimeout: 'default',
    containerdProgram: '/snap/microk8s/current/bin/containerd',
    ctrCommand: '/snap/microk8s/current/bin/ctr',
    kubectlCommand: '/snap/bin/microk8s kubectl',
    nodeKubectlCommand:
      '/snap/microk8s/current/kubectl --kubeconfig=/var/snap/microk8s/current/credentials/kubelet.config',
    plainKubectlCommand: '/snap/microk8s/current/kubectl',
    iptablesFolder: '/snap/microk8s/current/usr/sbin',
    certificateFolders: ['/var/snap/microk8s/current/certs'],
    datastoreUnit: 'snap.microk8s.daemon-k8s-dqlite.service',
    apiPort: 16_443,
    ownPorts: [...KUBERNETES_PORTS, 1338, 9099, 12_379, 16_443, 19_001, 25_000],
    localPathRoot: '/var/snap/microk8s/common/default-storage',
    schedulerArguments: '/var/snap/microk8s/current/args/kube-scheduler',
    corednsAppliedBy: 'kubectl-apply',
  },
};
