/** Where the bench's programs are. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Programs that only our own build brings. */
const BUILT = [
  'kube-controller-manager',
  'kube-scheduler',
  'kubelet',
  'kwok',
  'argocd-application-controller',
  'argocd-repo-server',
] as const;

/** Programs that a folder of prebuilt ones (`KUBEBUILDER_ASSETS`) may bring instead. */
const CONTROL_PLANE = ['etcd', 'kube-apiserver', 'kubectl'] as const;

export type Program = (typeof BUILT)[number] | (typeof CONTROL_PLANE)[number];

const built = (): string => process.env.CLUSTER_TOOLS ?? '/var/cache/selfheal/cluster-tools';

/** The program's path, which need not exist. Who takes a given cluster may have kubectl alone, on the PATH. */
export function pathOf(program: Program): string {
  const assets = process.env.KUBEBUILDER_ASSETS;
  const prebuilt = CONTROL_PLANE.some((name) => name === program);
  const path = join(assets !== undefined && prebuilt ? assets : built(), program);
  return program === 'kubectl' && !existsSync(path) ? program : path;
}

/** Programs that come with packages. */
const PACKAGED = ['git', 'openssl', 'redis-server'];

const isInstalled = (name: string): boolean => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

/** Programs that are not there; where this is empty a bench can start. */
export const missingPrograms = (): readonly string[] => [
  ...[...CONTROL_PLANE, ...BUILT].map((program) => pathOf(program)).filter((path) => !existsSync(path)),
  ...PACKAGED.filter((name) => !isInstalled(name)),
];
