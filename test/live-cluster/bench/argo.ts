/** Argo CD's controllers beside a control plane, and the settings without which they do not start. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { Part } from './processes.js';
import { pathOf } from './tools.js';

const REDIS = 6379;
const REPO_SERVER = 8081;
const NAMESPACE = 'argocd';

const labels = { 'app.kubernetes.io/part-of': 'argocd' };

const configMap = (name: string): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: NAMESPACE, labels },
});

/** What Argo CD's installation would have made, as far as its controllers ask for it. */
export const argoObjects: readonly Manifest[] = [
  ...['argocd-cm', 'argocd-rbac-cm', 'argocd-gpg-keys-cm', 'argocd-ssh-known-hosts-cm', 'argocd-tls-certs-cm'].map(
    configMap,
  ),
  {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'argocd-secret', namespace: NAMESPACE, labels },
    stringData: { 'server.secretkey': 'bench' },
  },
  {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'default', namespace: NAMESPACE },
    spec: {
      sourceRepos: ['*'],
      destinations: [{ namespace: '*', server: '*' }],
      clusterResourceWhitelist: [{ group: '*', kind: '*' }],
    },
  },
];

export function argoParts(folder: string, address: string, resyncSeconds: number): readonly Part[] {
  const own = (name: string): string => {
    mkdirSync(join(folder, name), { recursive: true });
    return join(folder, name);
  };
  const env = { ARGOCD_GPG_ENABLED: 'false', ARGOCD_FAKE_IN_CLUSTER: 'true', KUBECONFIG: join(folder, 'kubeconfig') };
  return [
    {
      name: 'redis',
      command: ['redis-server', '--port', `${REDIS}`, '--bind', address, '--save', '', '--dir', folder],
    },
    {
      name: 'repo-server',
      command: [
        ...([pathOf('argocd-repo-server'), '--redis', `${address}:${REDIS}`, '--disable-tls'] as const),
        ...['--address', address, '--port', `${REPO_SERVER}`, '--metrics-address', address],
      ],
      env: {
        ...env,
        ARGOCD_PLUGINSOCKFILEPATH: own('plugins'),
        ARGOCD_TLS_DATA_PATH: own('tls'),
        ARGOCD_SSH_DATA_PATH: own('ssh'),
        ARGOCD_ASK_PASS_SOCK: join(own('tmp'), 'ask-pass.sock'),
        TMPDIR: own('tmp'),
      },
    },
    {
      name: 'argocd-controller',
      command: [
        ...([pathOf('argocd-application-controller'), '--namespace', NAMESPACE] as const),
        ...['--redis', `${address}:${REDIS}`, '--repo-server', `${address}:${REPO_SERVER}`, '--repo-server-plaintext'],
        ...['--app-resync', `${resyncSeconds}`, '--app-resync-jitter', '0'],
        // It listens on every address: any port that is free.
        ...['--metrics-port', '0'],
      ],
      env: { ...env, TMPDIR: own('tmp') },
    },
  ];
}
