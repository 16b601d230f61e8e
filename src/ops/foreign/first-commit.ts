/**
 * Whether the first of the two commits that take a patch back is live: only then may the second follow.
 *
 * Should the second come before it, the file is gone and the protected object keeps our fields for ever.
 */
import { FOREIGN } from '../../argo/sync-options.js';
import { show } from '../../manifest/json.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import { describe, type Manifest } from '../../manifest/manifest.js';
import type { CheckResult } from '../check/result.js';
import { trackerOf } from '../drift/tracking.js';
import { argosFieldsBeyond, argosWritesBeyond } from './field-ownership.js';
import { type ApplicationFacts, syncedFirstCommit } from './synced-first-commit.js';

const CHECK = 'first-commit-live';

interface RetiredObject {
  /** As the first commit has it. */
  readonly manifest: Manifest;
  readonly live: Answer<LiveObject | null>;
}

interface RetiringFacts {
  readonly objects: readonly RetiredObject[];
  readonly application: ApplicationFacts;
}

export function firstCommitLive({ objects, application }: RetiringFacts): readonly CheckResult[] {
  if (objects.length === 0) return [];
  const { name } = application.described;
  // An owner that is away for minutes brings back an object that is patched anew, if its Application still reads that.
  const isAbsent = objects.every(({ live }) => isMissing(live));
  return [
    ...objects.map((object) => fieldsGone(object, name)),
    { check: CHECK, subject: `Application ${name}`, ...syncedFirstCommit(application, { isAbsent }) },
  ];
}

const isMissing = (live: Answer<LiveObject | null>): boolean =>
  live.ok ? live.value === null : live.failure.kind === 'unknown-kind';

function fieldsGone({ manifest, live }: RetiredObject, application: string): CheckResult {
  const say = (verdict: CheckResult['verdict'], found: string, next = '', expected = ''): CheckResult => ({
    check: CHECK,
    subject: describe(manifest),
    verdict,
    expected,
    found,
    incident: null,
    next,
    cause: null,
  });
  if (isMissing(live)) return say('pass', 'there is no such object, so nothing of ours is on it');
  if (!live.ok || live.value === null)
    return say('unknown', live.ok ? 'no answer' : live.failure.message, 'ask again when it can be read');
  const tracker = trackerOf(live.value, application);
  if (tracker !== null && tracker !== application)
    return say(
      'fail',
      `${tracker}, which may patch it again`,
      `take it out of what ${tracker} reads first`,
      `${application} to sync it`,
    );
  const state = live.value.metadata.annotations?.[FOREIGN];
  if (state !== 'retiring')
    return say(
      'fail',
      state === undefined ? 'no such annotation' : show(state),
      'push the first commit and wait until Argo CD has synced it',
      `the first commit on it (${FOREIGN}: retiring)`,
    );
  const [first, ...more] = argosWritesBeyond(live.value, manifest);
  if (first !== undefined)
    return say(
      'fail',
      `${first}${more.length === 0 ? '' : ` and ${more.length} more`}`,
      argosFieldsBeyond(live.value, manifest).length > 0
        ? 'wait until Argo CD has synced the first commit, then look again'
        : 'it wrote them without server-side apply, and no commit takes them off: kubectl edit does',
      'Argo CD to own none of what was patched',
    );
  return say('pass', 'none of our fields is on it any more');
}
