import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need real systemd, a real API server, promtool: npm run test:host, test:live-cluster, test:rules.
    exclude: ['test/host/**', 'test/live-cluster/**', 'test/rules/**'],
    env: { KUBECONFIG: '/dev/null' },
    testTimeout: 20_000,
    // One worker fewer than cores is the default: half of a small machine.
    maxWorkers: '100%',
  },
});
