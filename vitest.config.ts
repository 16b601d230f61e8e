import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // They need real systemd and a real API server: npm run test:host, npm run test:live-cluster.
    exclude: ['test/host/**', 'test/live-cluster/**'],
    env: { KUBECONFIG: '/dev/null' },
    testTimeout: 20_000,
  },
});
