/** Whether a CronJob of the backup succeeded not too long ago. */
import { type Duration, describeDuration } from '../../cluster/duration.js';
import { at, listAt, textAt } from '../../manifest/json.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import type { CheckFacts } from './facts.js';
import { conditionOf, spanOf, timeOf } from './live.js';
import type { CheckResult } from './result.js';
import type { Saying } from './saying.js';

interface Described {
  readonly namespace: string;
  readonly name: string;

  /** The node that it runs on. */
  readonly runsOn: string;

  /** From one run to the next, and the time that one may take. */
  readonly period: Duration;
  readonly staleAfter: Duration;

  /** A run that failed since the last good one is a finding: it compares, and what it found is not undone by waiting. */
  readonly failedCounts: boolean;
}

/** The clocks of a control plane's machines differ by less. */
const AHEAD_MS = 60_000;

export function cronJobAge(say: Saying, facts: CheckFacts, described: Described): CheckResult {
  const { namespace, name, runsOn, period, staleAfter } = described;
  const subject = `CronJob ${namespace}/${name}`;
  const [cronJobs, now] = [facts.of('cronJobs'), facts.now];
  const look = `kubectl -n ${namespace} get jobs -l app.kubernetes.io/name=${name}`;
  if (!cronJobs.ok) return say.unknown(subject, cronJobs.failure);
  if (!now.ok) return say.unknown(subject, now.failure);
  if (cronJobs.value.length === 0) return say.unknown(subject, 'the cluster reports no CronJob at all');
  const job = cronJobs.value.find(({ metadata }) => metadata.namespace === namespace && metadata.name === name);
  const fail = (found: string, next: string): CheckResult =>
    say.fail(subject, { expected: `a good run within ${describeDuration(staleAfter)}`, found, next });
  if (job === undefined) return fail('there is no such CronJob', 'selfheal drift --context NAME');
  if (at(job.spec, 'suspend') === true)
    return fail('it is suspended', `kubectl -n ${namespace} patch cronjob ${name} -p '{"spec":{"suspend":false}}'`);

  const [active] = listAt(job.status, 'active');
  if (facts.node === runsOn && active !== undefined)
    return fail(
      `Job ${textAt(active, 'name')} runs on ${runsOn} now, and would be broken off`,
      `kubectl -n ${namespace} wait --for=condition=Complete job/${textAt(active, 'name')} --timeout=1h`,
    );

  const again = `kubectl -n ${namespace} create job --from=cronjob/${name} ${name}-by-hand`;
  const success = timeOf(textAt(job.status, 'lastSuccessfulTime'));
  if (success === undefined) {
    const age = now.value - (timeOf(job.metadata.creationTimestamp) ?? now.value);
    return age <= period.seconds * 1000
      ? say.unknown(subject, `made ${spanOf(age)} ago, it has not succeeded yet: its first run may be to come`, again)
      : fail(`none since it was made ${spanOf(age)} ago`, `${look}   # and then: ${again}`);
  }
  const age = now.value - success;
  if (age < -AHEAD_MS)
    return say.unknown(subject, `its last good run lies ${spanOf(-age)} ahead of the API server's clock`);
  if (age > staleAfter.seconds * 1000)
    return fail(`the last one was ${spanOf(age)} ago`, `${look}   # and then: ${again}`);

  if (described.failedCounts) {
    const failed = failedSince(facts.of('jobs'), job, success);
    if (!failed.ok) return say.unknown(subject, failed.failure);
    const [newest] = failed.value;
    if (newest !== undefined)
      return fail(
        `${newest.metadata.name} failed after the last good one, ${spanOf(age)} ago`,
        `kubectl -n ${namespace} logs job/${newest.metadata.name}`,
      );
  }
  return say.pass(subject, `the last good run was ${spanOf(age)} ago`);
}

function failedSince(
  jobs: Answer<readonly LiveObject[]>,
  { metadata: { uid } }: LiveObject,
  since: number,
): Answer<readonly LiveObject[]> {
  if (!jobs.ok) return jobs;
  const its = jobs.value.filter(
    (job) =>
      listAt(job.metadata, 'ownerReferences').some((owner) => textAt(owner, 'uid') === uid) &&
      at(conditionOf(job, 'Failed'), 'status') === 'True' &&
      (timeOf(textAt(job.status, 'startTime')) ?? 0) > since,
  );
  return { ok: true, value: its };
}
