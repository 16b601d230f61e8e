import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/rules/**/*.test.ts'],
    env: { KUBECONFIG: '/dev/null' },
    testTimeout: 60_000,
  },
});
