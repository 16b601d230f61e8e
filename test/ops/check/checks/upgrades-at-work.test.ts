import { expect, test } from 'vitest';
import { upgradesAtWorkCheck } from '../../../../src/ops/check/checks/upgrades-at-work.js';
import { failure, live, lookOf } from '../../../support/check-facts.js';
import { pvek8s } from '../../../support/clusters.js';

const job = (labels: Readonly<Record<string, string>>, ...ended: readonly string[]) =>
  live('Job', 'apply-os-on-k8s02', {
    metadata: { namespace: 'system-upgrade', labels },
    status: { conditions: ended.map((type) => ({ type, status: 'True' })) },
  });
const OF_A_PLAN = { 'upgrade.cattle.io/plan': 'os', 'upgrade.cattle.io/node': 'k8s02' };

const answer = (jobs: Parameters<typeof lookOf>[1]['jobs'], node: string | null = null) =>
  upgradesAtWorkCheck.answer(lookOf({ cluster: pvek8s(), node }, { jobs }));

test.each([null, 'k8s01', 'k8s02'])('a Job of a Plan that has not ended fails, whatever goes down: %s', (node) => {
  expect(answer([job(OF_A_PLAN)], node)).toMatchObject([
    {
      verdict: 'fail',
      subject: 'Job system-upgrade/apply-os-on-k8s02',
      found: 'Plan os is at work on node k8s02, or waits for its turn',
      next: 'let it end: kubectl -n system-upgrade get job apply-os-on-k8s02',
    },
  ]);
});

test('one that is suspended, or about to fail, has not ended', () => {
  expect(answer([job(OF_A_PLAN, 'Suspended')])).toMatchObject([{ verdict: 'fail' }]);
  expect(answer([job(OF_A_PLAN, 'FailureTarget')])).toMatchObject([{ verdict: 'fail' }]);
});

test('it cannot be told without the Jobs', () => {
  expect(answer(failure('list Job: 403'))).toMatchObject([{ verdict: 'unknown', found: 'list Job: 403' }]);
});

test.each(['Complete', 'Failed'])('one that has ended passes: %s', (condition) => {
  expect(answer([job(OF_A_PLAN, condition)])).toMatchObject([{ verdict: 'pass' }]);
});

test("another's Job passes, and so does none", () => {
  expect(answer([job({})])).toMatchObject([{ verdict: 'pass' }]);
  expect(answer([])).toMatchObject([{ verdict: 'pass' }]);
});
