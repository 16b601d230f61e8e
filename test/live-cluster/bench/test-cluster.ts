/**
 * A cluster for tests that only dry-run: the one that SELFHEAL_TEST_KUBECONFIG and SELFHEAL_TEST_CONTEXT name, or a
 * bench. They write what has to be there first, and take nothing away: a given cluster is empty before and thrown away
 * afterwards.
 */
import { type Send, sendTo } from './api.js';
import { startBench } from './bench.js';
import { type Kubectl, kubectlFor } from './kubectl.js';
import { keepProcesses, type Processes } from './processes.js';
import { installDefinitions } from './seed.js';
import { pathOf } from './tools.js';
import { until } from './until.js';

export interface TestCluster extends Kubectl {
  readonly send: Send;
  readonly close: () => Promise<void>;
}

/** Namespaces that a cluster has by itself, and the one of Argo CD. */
const OWN_NAMESPACES = ['argocd', 'default', 'kube-node-lease', 'kube-public', 'kube-system'];

export async function startTestCluster(crds: string): Promise<TestCluster> {
  const { SELFHEAL_TEST_KUBECONFIG: kubeconfig, SELFHEAL_TEST_CONTEXT: context } = process.env;
  if (kubeconfig === undefined) return startBench({ nodes: [], crds: [crds] });
  if (!context) {
    throw new Error(`SELFHEAL_TEST_CONTEXT: expected the context of ${JSON.stringify(kubeconfig)}, got nothing`);
  }
  const processes = keepProcesses();
  try {
    return await takeCluster({ kubeconfig, context, crds }, processes);
  } catch (error) {
    await processes.close();
    throw error;
  }
}

async function takeCluster(
  { kubeconfig, context, crds }: { kubeconfig: string; context: string; crds: string },
  processes: Processes,
): Promise<TestCluster> {
  const { folder } = processes;
  const kubectl = kubectlFor({ kubeconfig, context, folder });
  refuseUnlessEmpty(kubectl, context);
  // It speaks for whoever the kubeconfig names, by whatever means that says so.
  const command = [pathOf('kubectl'), `--context=${context}`, 'proxy', '--port=0', '--address=127.0.0.1'] as const;
  processes.start({ name: 'proxy', command, env: { KUBECONFIG: kubeconfig } });
  const server = await until('kubectl proxy serves', () => {
    const [, found] = /Starting to serve on (\S+)/.exec(processes.log('proxy')) ?? [];
    return found === undefined ? undefined : `http://${found}`;
  });
  const send = sendTo(server);
  if (kubectl.get('namespace', 'argocd') === undefined) kubectl.kubectl(['create', 'namespace', 'argocd']);
  await installDefinitions(send, [crds], until);
  return { ...kubectl, send, close: processes.close };
}

function refuseUnlessEmpty({ kubectl }: Kubectl, context: string): void {
  const words = (args: readonly string[]): readonly string[] =>
    kubectl([...args, '--output=jsonpath={.items[*].metadata.name}'])
      .split(' ')
      .filter(Boolean);
  const found = [
    ...words(['get', 'namespaces']).filter((name) => !OWN_NAMESPACES.includes(name)),
    ...words(['get', 'deployments.apps', '--all-namespaces']),
  ];
  if (found.length > 0) throw new Error(`context '${context}': expected an empty cluster, got ${found.join(', ')}`);
}
