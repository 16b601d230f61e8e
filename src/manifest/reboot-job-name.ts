/** How the Job is called by which a roll reboots a node. */
import { createHash } from 'node:crypto';

/** Its pods carry its name as a label, and no label is longer. */
const LONGEST = 63;
const HASH = 8;

/** Where the node's name does not fit as a whole, a hash tells it from others that begin alike. */
export function jobName(node: string): string {
  const name = `selfheal-reboot-${node}`;
  if (name.length <= LONGEST) return name;
  const hash = createHash('sha256').update(node).digest('hex').slice(0, HASH);
  return `${name.slice(0, LONGEST - HASH - 1)}-${hash}`;
}
