/** What comes between a roll and its end, done to simulated and to real nodes alike. */
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { Bench } from '../bench/bench.js';
import type { FaultyProxy } from '../bench/faulty-proxy.js';
import type { Running } from './rolled.js';

/** A budget that lets neither of the two replicas go. */
export const NEVER_LETS_GO: Manifest = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web', namespace: 'default' },
  spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
};

export const evictionsOf = ({ requests }: FaultyProxy, app: string): number =>
  requests.filter(({ path }) => path.includes(`/pods/${app}-`) && path.endsWith('/eviction')).length;

export const saysSoon = (bench: Bench, run: Running, words: string) =>
  bench.until(
    `it says ${words}`,
    () => {
      if (run.said().includes(words)) return true;
      throw new Error(run.said());
    },
    60,
  );

/** With those that watched it begun anew, as a control plane is that could not renew its Leases. */
export async function apiServerIsBack({ parts }: Bench): Promise<void> {
  const others = ['controller-manager', 'scheduler'];
  for (const part of others) await parts.stop(part);
  await parts.start('apiserver');
  for (const part of others) await parts.start(part);
}
