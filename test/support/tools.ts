/** Programs that a suite needs beyond Node and a shell. */
import { spawnSync } from 'node:child_process';
import { describe } from 'vitest';

/** Whether a program is on the PATH. */
const isInstalled = (name: string): boolean => spawnSync('sh', ['-c', `command -v ${name}`]).status === 0;

/**
 * `describe` where the tools are there. Where one is missing the suite is skipped with a word on the terminal,
 * and fails when `CI` is set: a skipped suite must never count as passed there.
 */
export function describeWith(tools: readonly string[], title: string, body: () => void): void {
  const missing = tools.filter((tool) => !isInstalled(tool));
  if (missing.length === 0) {
    describe(title, body);
  } else if (process.env.CI) {
    throw new Error(
      `suite '${title}': expected ${missing.join(', ')} on the PATH, got nothing (tools/install-test-tools.sh installs them)`,
    );
  } else {
    console.warn(`SKIPPED '${title}': ${missing.join(', ')} not installed (tools/install-test-tools.sh)`);
    describe.skip(title, body);
  }
}
