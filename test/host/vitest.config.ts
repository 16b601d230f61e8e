import { defineConfig } from 'vitest/config';

/** Suites that need root and real programs (sshd, systemd, containerd), and the one that kills at every step, for its length. Run with `npx vitest run --config test/host/vitest.config.ts`. */
export default defineConfig({
  test: { include: ['test/host/**/*.test.ts'], testTimeout: 60_000, hookTimeout: 60_000 },
});
