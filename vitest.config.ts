import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/host/**', 'test/cluster/**'],
    env: { KUBECONFIG: '/dev/null' },
    testTimeout: 20_000,
  },
});
