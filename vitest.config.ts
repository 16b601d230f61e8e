import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** They run real programs for long; `npm run test:host` runs them. */
export const LONG_SUITES = [
  'test/layers/backup/pod/{hooks,metrics,plan,quiet,restore,state,transfer}.test.ts',
  'test/layers/backup/server/{faults,retention}.test.ts',
  'test/layers/checks/installed.test.ts',
  'test/layers/node-bootstrap/scripts/converge-families.test.ts',
  'test/layers/reachability/{judge,queue,silence}.test.ts',
];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need real systemd, a real API server, promtool: npm run test:host, test:live-cluster, test:rules.
    exclude: ['test/host/**', 'test/live-cluster/**', 'test/rules/**', ...LONG_SUITES],
    env: { KUBECONFIG: '/dev/null' },
    testTimeout: 20_000,
    // Many tests wait for a program: more of them than cores keep the cores busy.
    maxWorkers: 2 * availableParallelism(),
    // No module of ours keeps state, so each is loaded once a worker and not once a file.
    isolate: false,
  },
});
