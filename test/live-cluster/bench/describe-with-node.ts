/** A suite that needs a real node: where there can be none it is skipped with a word, and fails where CI is set. */
import { existsSync } from 'node:fs';
import { describe } from 'vitest';
import { describeWith } from '../../support/tools.js';

const TOOLS = ['systemd-nspawn', 'systemd-socket-activate', 'containerd', 'ctr', 'runc', 'busybox'];
const TEMPLATE = process.env.HOST_TEMPLATE ?? '/var/cache/selfheal/host-template';

export function describeWithNode(title: string, body: () => void): void {
  const missing = [
    ...(process.getuid?.() === 0 ? [] : ['root']),
    ...(existsSync(TEMPLATE) ? [] : [`${TEMPLATE} (tools/install-host-tools.sh makes it)`]),
  ];
  if (missing.length === 0) {
    describeWith(TOOLS, title, body);
    return;
  }
  const problem = `suite '${title}': expected ${missing.join(' and ')}, got nothing`;
  if (process.env.CI) throw new Error(problem);
  console.warn(`SKIPPED ${problem}`);
  describe.skip(title, body);
}
