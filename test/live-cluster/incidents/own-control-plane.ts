/**
 * An Argo CD that manages itself, as many are set up: its own Deployments, its AppProject and the Applications of others
 * in the folder of an Application that prunes and has a finalizer.
 */
import type { Files } from '../../../src/manifest/layout.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { toYaml } from '../../../src/manifest/yaml.js';

const ARGOCD = { namespace: 'argocd', server: 'https://kubernetes.default.svc' };
const FINALIZER = 'resources-finalizer.argocd.argoproj.io';

const application = (name: string, namespace: string, project: string, repoURL: string): Manifest => ({
  apiVersion: 'argoproj.io/v1alpha1',
  kind: 'Application',
  metadata: { name, namespace: ARGOCD.namespace, finalizers: [FINALIZER] },
  spec: {
    project,
    destination: { ...ARGOCD, namespace },
    source: { repoURL, targetRevision: 'main', path: name },
    syncPolicy: { automated: { prune: true, selfHeal: true } },
  },
});

const deployment = (name: string, namespace: string): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, namespace },
  spec: {
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name, image: `example.org/${name}:1` }] } },
  },
});

/** The Application that manages Argo CD. */
export const itself = (repoURL: string): Manifest => application('argocd', ARGOCD.namespace, 'default', repoURL);

export function ownControlPlane(repoURL: string): Files {
  const project: Manifest = {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'AppProject',
    metadata: { name: 'everything', namespace: ARGOCD.namespace },
    spec: { sourceRepos: ['*'], destinations: [{ server: '*', namespace: '*' }] },
  };
  const settings: Manifest = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'argocd-cm', namespace: ARGOCD.namespace, labels: { 'app.kubernetes.io/part-of': 'argocd' } },
  };
  const argocd = ['argocd-server', 'argocd-repo-server', 'argocd-application-controller', 'argocd-redis'].map((name) =>
    deployment(name, ARGOCD.namespace),
  );
  const own = [project, settings, ...argocd, application('shop', 'shop', 'everything', repoURL)];
  return new Map([
    ...own.map((manifest): [string, string] => [
      `argocd/${manifest.kind}-${manifest.metadata.name}.yaml`,
      toYaml(manifest),
    ]),
    ['shop/till.yaml', toYaml(deployment('till', 'shop'))],
  ]);
}
