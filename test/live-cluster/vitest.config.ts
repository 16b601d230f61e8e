import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { missingPrograms } from './bench/tools.js';

/** They run in any empty cluster too: see docs/testing.md. */
const ON_A_GIVEN_CLUSTER = ['test/live-cluster/dry-run.test.ts'];

/** What Argo CD and the API server make of things: that changes with their versions alone, and takes long. */
const AT_NIGHT = [
  'test/live-cluster/change/{immutable,moves,operation-ended,predictions,renames}.test.ts',
  'test/live-cluster/incidents/{argocd-wiped,healing-layer-stays}.test.ts',
  'test/live-cluster/reboot/microk8s.test.ts',
  'test/live-cluster/sync/refused.test.ts',
  'test/live-cluster/vet/{applications,objects}.test.ts',
];

/** They wait for minutes: begun last, they would be waited for when all else has ended. */
const WAITING = /\/(drift\/hosts|reboot\/(killed|reboot))\.test\.ts$/;

class WaitingFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const waits = ({ moduleId }: TestSpecification): boolean => WAITING.test(moduleId);
    const sorted = await super.sort(files);
    return [...sorted.filter(waits), ...sorted.filter((file) => !waits(file))];
  }
}

/** What can run here. A suite that cannot is a failure where CI is set: it must not count as passed. */
function suites(): string[] {
  if (process.env.SELFHEAL_TEST_KUBECONFIG) return ON_A_GIVEN_CLUSTER;
  const missing = missingPrograms();
  if (missing.length === 0) return ['test/live-cluster/**/*.test.ts'];
  const problem = `expected ${missing.join(', ')}, got nothing (tools/install-cluster-tools.sh builds them)`;
  if (process.env.CI) throw new Error(`test/live-cluster: ${problem}`);
  console.warn(`SKIPPED test/live-cluster: ${problem}`);
  return [];
}

function tooLong(): string[] {
  if (process.env.NIGHTLY) return [];
  console.warn(`SKIPPED ${AT_NIGHT.join(', ')}: they take long (npm run test:nightly)`);
  return AT_NIGHT;
}

export default defineConfig({
  test: {
    include: suites(),
    exclude: tooLong(),
    passWithNoTests: true,
    sequence: { sequencer: WaitingFirst },
    env: { KUBECONFIG: '/dev/null' },
    // A file starts a cluster of its own: 1 GB, and two cores for some seconds; then it mostly waits.
    maxWorkers: 2 * availableParallelism(),
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
