/**
 * Whether the Application of a patch will not put the patch back: it reads what is described, and every commit that it
 * works with holds the first of the two that take the patch back.
 */
import type { SyncedApplication } from '../../argo/tree.js';
import { at, type Field, show, textAt } from '../../manifest/json.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import type { CheckResult } from '../check/result.js';
import { type ArgoView, argoView, shortRevision } from '../drift/argo-view.js';
import { brokenComparison } from '../drift/reaction.js';

export interface ApplicationFacts {
  /** As the first commit has it. */
  readonly described: SyncedApplication;
  readonly live: Answer<LiveObject | null>;

  /** Whether a revision holds the first commit; null where this repository does not know that revision. */
  readonly holdsFirstCommit: (revision: string) => boolean | null;
}

type Judgement = Omit<CheckResult, 'check' | 'subject'>;

const judgement = (verdict: CheckResult['verdict'], found: string, next = '', expected = ''): Judgement => ({
  verdict,
  expected,
  found,
  incident: null,
  next,
  cause: null,
});

/** `isAbsent`: none of the patched objects is there, so that a sync that works cannot be asked for. */
export function syncedFirstCommit(
  { described, live, holdsFirstCommit }: ApplicationFacts,
  { isAbsent }: { readonly isAbsent: boolean },
): Judgement {
  if (!live.ok) return judgement('unknown', live.failure.message, 'ask again when it can be read');
  if (live.value === null)
    return judgement(
      'unknown',
      'there is no such Application, and one that is made again may read a commit before the first',
      'ask again when the root has made it; where Argo CD is gone, selfheal synth writes what the second commit holds',
    );
  const other = otherSource(described.source.manifest.spec, live.value.spec);
  if (other !== null)
    return judgement(
      'fail',
      other.found,
      'put its source back as it is described, and wait until Argo CD has synced it',
      other.expected,
    );
  const view = argoView(described, live);
  const broken = brokenComparison(view);
  if (broken !== null) return judgement('unknown', `it cannot compare: ${broken}`, 'mend that, then ask again');
  if (!isAbsent && !isSettled(view, live.value))
    return judgement(
      'fail',
      `${show(view.sync)}${view.operation === null ? '' : `, its last operation ${show(view.operation.phase)}`}${isAsked(live.value) ? ', and a sync that is asked for' : ''}`,
      `wait, or see what holds it up: kubectl -n ${described.namespace} describe application ${described.name}`,
      'Synced and no sync under way',
    );
  return revisionsOf(view, live.value)
    .map((revision) => holding(revision, holdsFirstCommit(revision)))
    .reduce((worst, each) => (RANK[each.verdict] > RANK[worst.verdict] ? each : worst));
}

const RANK = { pass: 0, fail: 1, unknown: 2 } as const;

function holding(revision: string, holds: boolean | null): Judgement {
  if (revision === '')
    return judgement('unknown', 'none', 'ask again in a minute', 'the revision that it has compared');
  const name = shortRevision(revision);
  if (holds === null)
    return judgement('unknown', `at ${name}, which this repository does not have`, 'git fetch, then ask again');
  return holds
    ? judgement('pass', `at ${name}, which holds the first commit`)
    : judgement(
        'fail',
        name,
        'push the first commit and wait until Argo CD has synced it',
        'a revision that holds the first commit',
      );
}

/** What was compared last, and what a sync that is still under way, or only asked for, may yet apply. */
const revisionsOf = ({ revision, operation }: ArgoView, live: LiveObject): readonly [string, ...string[]] => [
  revision,
  ...(operation !== null && isUnderWay(operation.phase) ? [operation.revision] : []),
  ...(isAsked(live) ? [textAt(live, 'operation', 'sync', 'revision') ?? ''] : []),
];

const isSettled = ({ sync, operation }: ArgoView, live: LiveObject): boolean =>
  sync === 'Synced' && !isUnderWay(operation?.phase ?? '') && !isAsked(live);

const isUnderWay = (phase: string): boolean => phase === 'Running' || phase === 'Terminating';

const isAsked = (live: LiveObject): boolean => at(live, 'operation') !== undefined;

/** Synced with another place, `Synced` says nothing of what is described. */
function otherSource(described: Field, live: Field): Pick<CheckResult, 'expected' | 'found'> | null {
  for (const field of ['repoURL', 'path', 'targetRevision']) {
    const [wanted, got] = [at(described, 'source', field), at(live, 'source', field)];
    if (wanted !== got) return { expected: `it to read ${field} ${shown(wanted)}`, found: shown(got) };
  }
  return null;
}

/** A repository's address may have a password in it. */
const shown = (value: Field): string => show(value).replace(/\/\/[^/@]*@/, '//');
