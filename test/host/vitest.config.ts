import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LONG_SUITES } from '../../vitest.config.js';

/** Suites that need root and real programs (sshd, systemd, containerd), and the one that kills at every step, for its length. Run with `npx vitest run --config test/host/vitest.config.ts`. */
export default defineConfig({
  test: {
    include: ['test/host/**/*.test.ts', ...LONG_SUITES],
    env: { FAR_SIDE_SHELLS: 'bash busybox' },
    // For what hangs; what a machine is to do within seconds is said where it is awaited.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Nearly all of them wait: for timers, for a network that is cut, for what is cut off to notice.
    maxWorkers: 2 * availableParallelism(),
  },
});
