/**
 * A suite that needs a real node: where there can be none it is skipped with a word, and fails where CI is set. One that
 * takes minutes runs at night alone.
 */
import { existsSync } from 'node:fs';
import { describe } from 'vitest';
import { describeWith } from '../../support/tools.js';

const TOOLS = ['systemd-nspawn', 'systemd-socket-activate', 'containerd', 'ctr', 'runc', 'busybox'];
const TEMPLATE = process.env.HOST_TEMPLATE ?? '/var/cache/selfheal/host-template';

/** `tools`: what the suite needs beside. */
export function describeWithNode(title: string, body: () => void, tools: readonly string[] = []): void {
  const missing = [
    ...(process.getuid?.() === 0 ? [] : ['root']),
    ...(existsSync(TEMPLATE) ? [] : [`${TEMPLATE} (tools/install-host-tools.sh makes it)`]),
  ];
  if (missing.length === 0) {
    describeWith([...TOOLS, ...tools], title, body);
    return;
  }
  const problem = `suite '${title}': expected ${missing.join(' and ')}, got nothing`;
  if (process.env.CI) throw new Error(problem);
  console.warn(`SKIPPED ${problem}`);
  describe.skip(title, body);
}

export function describeAtNight(title: string, body: () => void, tools: readonly string[] = []): void {
  if (process.env.NIGHTLY) {
    describeWithNode(title, body, tools);
    return;
  }
  console.warn(`SKIPPED '${title}': it takes a quarter of an hour (npm run test:nightly)`);
  describe.skip(title, body);
}
