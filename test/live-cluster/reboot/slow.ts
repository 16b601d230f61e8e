/** A workload whose pods on real nodes are ending for as long as a test holds them. */
import type { RealNode } from '../bench/real-node.js';
import { shellOnHost } from './reporters.js';
import { deployment } from './rolled.js';

/** As long as its host has this file, a pod that is asked to go does not end. */
const HOLD = 'etc/hold.conf';

const SCRIPT = `trap 'while [ -e /host/${HOLD} ]; do sleep 0.2; done; exit' TERM; while :; do sleep 0.2; done`;

export const SLOW_PODS = 2;
export const SLOW = deployment(
  { name: 'slow', spec: { terminationGracePeriodSeconds: 120, ...shellOnHost('slow', SCRIPT, ['/etc']) } },
  SLOW_PODS,
);

/** Answers what lets those of the node go. */
export function holdPods({ name, machine }: RealNode): () => void {
  machine.write(HOLD, '');
  return () => {
    const { status, stderr } = machine.run('rm', `/${HOLD}`);
    if (status !== 0) throw new Error(`${HOLD} of ${name}: expected it removed, got ${stderr}`);
  };
}
