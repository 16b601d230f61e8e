import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** They run real programs for long; `npm run test:host` runs them. */
export const LONG_SUITES = [
  'test/{cluster/parse,guardrails}/mutations.test.ts',
  'test/layers/backup/pod/{backup,hooks,metrics,plan,quiet,restore,state,transfer}.test.ts',
  'test/layers/backup/server/{faults,hostile,retention,snapshots,verdicts}.test.ts',
  'test/commands/{replay,restore,retire}.test.ts',
  'test/layers/checks/installed.test.ts',
  'test/layers/node-bootstrap/scripts/{converge-{boot,drift,families,files,units},host-report}.test.ts',
  'test/layers/rcu-watchdog/{check,detector/state,run}.test.ts',
  'test/layers/reachability/{judge,queue,silence}.test.ts',
  'test/layers/sandbox-cleanup/{before-reboot,pre-start-cleanup}.test.ts',
  'test/layers/upgrades/selfheal-upgrade-gate.test.ts',
  'test/package.test.ts',
  'test/ops/reboot/schedules.test.ts',
];

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need real systemd, a real API server, promtool: npm run test:host, test:cluster, test:rules.
    exclude: ['test/host/**', 'test/live-cluster/**', 'test/rules/**', ...LONG_SUITES],
    env: { KUBECONFIG: '/dev/null' },
    // For what hangs: beside other work a machine is ten times as slow, and that is no failure. What programs may take,
    // where a test runs them, is less, so that a test says which one it was.
    testTimeout: 300_000,
    hookTimeout: 300_000,
    // Many tests wait for a program: more of them than cores keep the cores busy.
    maxWorkers: 2 * availableParallelism(),
    // No module of ours keeps state, so each is loaded once a worker and not once a file.
    isolate: false,
  },
});
