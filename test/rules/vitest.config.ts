import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/rules/**/*.test.ts'],
    // All wait for promtool.
    maxWorkers: availableParallelism(),
    env: { KUBECONFIG: '/dev/null' },
    // A week of a cluster, minute by minute, on a machine that does other things as well.
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
