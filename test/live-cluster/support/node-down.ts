/** A node whose kubelet has fallen silent, and one that is there again. */
import type { Bench } from '../bench/bench.js';

const SIMULATED = 'kwok.x-k8s.io/node';

/** As after a minute of silence: nobody knows how it is, and the scheduler puts nothing there. */
export async function takeDown(bench: Bench, node: string): Promise<void> {
  bench.kubectl(['annotate', 'node', node, `${SIMULATED}-`]);
  say(bench, node, 'Unknown');
  await bench.until(
    `${node} is tainted`,
    () => taintsOf(bench, node).includes('node.kubernetes.io/unreachable') || undefined,
  );
}

export async function bringBack(bench: Bench, node: string): Promise<void> {
  say(bench, node, 'True');
  bench.kubectl(['annotate', 'node', node, `${SIMULATED}=fake`]);
  await bench.until(`${node} is free of taints`, () => taintsOf(bench, node) === '' || undefined);
}

function say(bench: Bench, node: string, status: 'True' | 'Unknown'): void {
  const condition = {
    type: 'Ready',
    status,
    reason: 'Bench',
    message: '',
    lastHeartbeatTime: now(),
    lastTransitionTime: now(),
  };
  const patch = JSON.stringify({ status: { conditions: [condition] } });
  bench.kubectl(['patch', 'node', node, '--subresource=status', '--type=strategic', `--patch=${patch}`]);
}

const now = (): string => new Date().toISOString();

const taintsOf = (bench: Bench, node: string): string =>
  bench.kubectl(['get', 'node', node, '--output=jsonpath={.spec.taints[*].key}']);
