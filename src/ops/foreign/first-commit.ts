/**
 * Whether the first of the two commits that take a patch back is live: only then may the second follow.
 *
 * Should the second come before it, the file is gone and the protected object keeps our fields for ever.
 */
import { FOREIGN } from '../../argo/sync-options.js';
import { at, show, textAt } from '../../manifest/json.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import { describe, type Manifest } from '../../manifest/manifest.js';
import type { CheckResult } from '../check/result.js';
import { argosFieldsBeyond } from './field-ownership.js';

const CHECK = 'first-commit-live';

interface RetiredObject {
  /** As the first commit has it. */
  readonly manifest: Manifest;
  readonly live: Answer<LiveObject | null>;
}

interface RetiringFacts {
  readonly objects: readonly RetiredObject[];

  /** The Application that syncs them, by name. */
  readonly application: { readonly name: string; readonly live: Answer<LiveObject | null> };

  /** Whether what Argo CD has synced holds the first commit; null where this repository does not know that revision. */
  readonly holdsFirstCommit: (revision: string) => boolean | null;
}

export function firstCommitLive({ objects, application, holdsFirstCommit }: RetiringFacts): readonly CheckResult[] {
  const results = objects.map(fieldsGone);
  // Where there is no object, an Application that cannot patch it says nothing.
  return objects.every(({ live }) => isAbsent(live))
    ? results
    : [...results, synced(application.name, application.live, holdsFirstCommit)];
}

const isAbsent = (live: Answer<LiveObject | null>): boolean =>
  live.ok ? live.value === null : live.failure.kind === 'unknown-kind';

function fieldsGone({ manifest, live }: RetiredObject): CheckResult {
  const say = (verdict: CheckResult['verdict'], found: string, mend = ''): CheckResult => ({
    check: CHECK,
    subject: describe(manifest),
    verdict,
    found,
    mend,
  });
  if (isAbsent(live)) return say('pass', 'there is no such object, so nothing of ours is on it');
  if (!live.ok || live.value === null)
    return say('unknown', live.ok ? 'no answer' : live.failure.message, 'ask again when it can be read');
  const state = live.value.metadata.annotations?.[FOREIGN];
  if (state !== 'retiring')
    return say(
      'fail',
      `expected the first commit on it (${FOREIGN}: retiring), got ${state === undefined ? 'no such annotation' : JSON.stringify(state)}`,
      'push the first commit and wait until Argo CD has synced it',
    );
  const [first, ...more] = argosFieldsBeyond(live.value, manifest);
  if (first !== undefined)
    return say(
      'fail',
      `expected Argo CD to own none of what was patched, got ${first}${more.length === 0 ? '' : ` and ${more.length} more`}`,
      'wait until Argo CD has synced the first commit, then look again',
    );
  return say('pass', 'none of our fields is on it any more');
}

function synced(
  name: string,
  live: Answer<LiveObject | null>,
  holdsFirstCommit: RetiringFacts['holdsFirstCommit'],
): CheckResult {
  const say = (verdict: CheckResult['verdict'], found: string, mend = ''): CheckResult => ({
    check: CHECK,
    subject: `Application ${name}`,
    verdict,
    found,
    mend,
  });
  if (!live.ok) return say('unknown', live.failure.message, 'ask again when it can be read');
  if (live.value === null) return say('pass', 'it is deleted already');
  const { status } = live.value;
  const [state, revision] = [at(status, 'sync', 'status'), textAt(status, 'sync', 'revision') ?? ''];
  const phase = at(status, 'operationState', 'phase');
  if (state !== 'Synced' || phase === 'Running')
    return say(
      'fail',
      `expected Synced, got ${show(state)}${phase === undefined ? '' : `, its last operation ${show(phase)}`}`,
      `wait, or see what holds it up: kubectl -n ${live.value.metadata.namespace ?? 'argocd'} describe application ${name}`,
    );
  if (revision === '')
    return say('unknown', 'expected the revision that it is synced with, got none', 'ask again in a minute');
  const holds = holdsFirstCommit(revision);
  if (holds === null)
    return say(
      'unknown',
      `synced with ${revision.slice(0, 12)}, which this repository does not have`,
      'git fetch, then ask again',
    );
  return holds
    ? say('pass', `Synced with ${revision.slice(0, 12)}, which holds the first commit`)
    : say(
        'fail',
        `expected a revision that holds the first commit, got ${revision.slice(0, 12)}`,
        'push the first commit and wait until Argo CD has synced it',
      );
}
