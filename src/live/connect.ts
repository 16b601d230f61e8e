/** A cluster to ask, from a kubeconfig and a context: the one door to a live cluster for whoever only reads. */
import { accessOf, type Target } from './access.js';
import { createDiscovery } from './discovery.js';
import type { ConnectOptions, KubeApi } from './kube-api.js';
import { chooseContext } from './kubeconfig.js';
import { createReader } from './reader.js';
import { createSender } from './sender.js';
import { createTransport } from './transport.js';

/** Asks nothing yet. @throws OperatorError when the kubeconfig does not have the context. */
export function connect(options: ConnectOptions): KubeApi {
  const target = targetOf(options);
  const patience = { timeoutMs: options.timeout.seconds * 1_000, patient: false };
  const sender = createSender(target.access);
  const transport = createTransport(sender, patience);
  return createReader(target, { transport, resource: createDiscovery(transport, patience), close: sender.close });
}

/** Asks nothing. @throws OperatorError when the kubeconfig does not have the context. */
export function targetOf({ context, kubeconfig, timeout, environment }: ConnectOptions): Target {
  const access = accessOf(chooseContext(kubeconfig, context), environment, timeout.seconds * 1_000);
  return { context, access, timeout };
}
