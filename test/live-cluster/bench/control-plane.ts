/** How the parts of a Kubernetes control plane are started on one loopback address. */
import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Certificates } from './certificates.js';
import type { Part } from './processes.js';
import { pathOf } from './tools.js';

/** All below the range from which the kernel gives out ports for connections. */
const PORTS = { etcd: 2379, etcdPeer: 2380, apiserver: 6443, manager: 10257, scheduler: 10259, kwok: 10247 } as const;

interface ControlPlane {
  readonly server: string;
  readonly port: number;
  readonly adminToken: string;
  /** In the order in which they are started; those after the API server need it. */
  readonly parts: readonly Part[];
}

interface Settings {
  readonly folder: string;
  readonly address: string;
  readonly certificates: Certificates;
  /** For how long a node may be silent before it counts as down. */
  readonly nodeGraceSeconds: number;
}

export function controlPlane({ folder, address, certificates, nodeGraceSeconds }: Settings): ControlPlane {
  const adminToken = randomBytes(16).toString('hex');
  writeFileSync(join(folder, 'tokens.csv'), `${adminToken},admin,1,"system:masters"\n`, { mode: 0o600 });
  const at = (port: number): string => `${address}:${port}`;
  const http = (port: number): string => `http://${at(port)}`;
  const kubeconfig = join(folder, 'kubeconfig');
  const serving = [`--tls-cert-file=${certificates.certificateFile}`, `--tls-private-key-file=${certificates.keyFile}`];
  const client = (port: number): readonly string[] => [
    ...[`--kubeconfig=${kubeconfig}`, '--leader-elect=false', ...serving],
    ...[`--bind-address=${address}`, `--secure-port=${port}`],
  ];

  const etcd: Part = {
    name: 'etcd',
    command: [
      ...([pathOf('etcd'), `--data-dir=${join(folder, 'etcd')}`, '--unsafe-no-fsync', '--log-level=error'] as const),
      ...[`--listen-client-urls=${http(PORTS.etcd)}`, `--advertise-client-urls=${http(PORTS.etcd)}`],
      ...[`--listen-peer-urls=${http(PORTS.etcdPeer)}`, `--initial-advertise-peer-urls=${http(PORTS.etcdPeer)}`],
      `--initial-cluster=default=${http(PORTS.etcdPeer)}`,
    ],
  };
  const apiserver: Part = {
    name: 'apiserver',
    command: [
      ...([pathOf('kube-apiserver'), `--etcd-servers=${http(PORTS.etcd)}`, ...serving] as const),
      ...[`--bind-address=${address}`, `--advertise-address=${address}`, `--secure-port=${PORTS.apiserver}`],
      // Nothing runs in a pod here, and a loopback address is no valid endpoint.
      ...['--endpoint-reconciler-type=none', '--service-cluster-ip-range=10.43.0.0/16', '--allow-privileged=true'],
      ...['--authorization-mode=Node,RBAC', `--token-auth-file=${join(folder, 'tokens.csv')}`],
      '--service-account-issuer=https://kubernetes.default.svc',
      `--service-account-key-file=${certificates.serviceAccountKeyFile}`,
      `--service-account-signing-key-file=${certificates.serviceAccountKeyFile}`,
    ],
  };
  const manager: Part = {
    name: 'controller-manager',
    command: [
      ...([pathOf('kube-controller-manager'), ...client(PORTS.manager)] as const),
      `--service-account-private-key-file=${certificates.serviceAccountKeyFile}`,
      `--node-monitor-grace-period=${nodeGraceSeconds}s`,
      // Of its own it makes no more than twenty objects a second, whatever the machine can do.
      ...['--kube-api-qps=500', '--kube-api-burst=1000'],
      // What needs a cloud or a network.
      '--controllers=*,-nodeipam,-cloud-node-lifecycle-controller,-node-route-controller,-service-lb-controller',
    ],
  };
  const scheduler: Part = {
    name: 'scheduler',
    command: [pathOf('kube-scheduler'), ...client(PORTS.scheduler), '--kube-api-qps=500', '--kube-api-burst=1000'],
  };
  const kwok: Part = {
    name: 'kwok',
    command: [
      ...([pathOf('kwok'), `--kubeconfig=${kubeconfig}`, `--server-address=${at(PORTS.kwok)}`] as const),
      ...['--manage-all-nodes=false', '--manage-nodes-with-annotation-selector=kwok.x-k8s.io/node=fake'],
    ],
  };
  return {
    server: `https://${at(PORTS.apiserver)}`,
    port: PORTS.apiserver,
    adminToken,
    parts: [etcd, apiserver, manager, scheduler, kwok],
  };
}
