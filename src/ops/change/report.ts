/** Everything that a review says, before it is text, markdown or JSON. */
import type { Tree } from '../../argo/tree.js';
import type { Manifest } from '../../manifest/manifest.js';
import type { Unknown } from '../drift/report.js';
import { listed } from '../words.js';
import { type HostChange, hostChanges } from './host-changes.js';
import type { Verdict } from './live-state.js';
import { type ObjectChange, WEIGHTS } from './object-change.js';
import { review } from './review.js';

export interface Report {
  /** As a person names the two sides: `main (1a2b3c4)`, `the working tree`. */
  readonly base: string;
  readonly head: string;
  readonly changes: readonly ObjectChange[];
  readonly hosts: readonly HostChange[];
  /** Applications whose objects are not here, and why: no change of theirs is in this report. */
  readonly notRendered: readonly string[];
  /** What could not be told of a live cluster: no change of it is in this report, and none may be read from that. */
  readonly unknown: readonly Unknown[];
  /** Of how many objects the API server was not asked what an apply would make of them. */
  readonly predicted: number;
}

/** What only a live cluster adds. */
interface Asked {
  readonly verdicts: ReadonlyMap<Manifest, Verdict>;
  readonly unknown: readonly Unknown[];
  readonly predicted: number;
}

const NOTHING_ASKED: Asked = { verdicts: new Map(), unknown: [], predicted: 0 };

export function reportOf(
  sides: { readonly base: string; readonly head: string },
  base: Tree,
  head: Tree,
  { verdicts, unknown, predicted }: Asked = NOTHING_ASKED,
): Report {
  return {
    ...sides,
    changes: review(base, head, verdicts),
    hosts: hostChanges(base, head),
    notRendered: [
      ...head.applications.flatMap(({ name, notRendered }) =>
        notRendered === null ? [] : [`${name}: ${notRendered}`],
      ),
      ...applicationSets(base, head),
    ],
    unknown,
    predicted,
  };
}

/** Their Applications are made in the cluster: no file holds them. */
function applicationSets(...sides: readonly Tree[]): readonly string[] {
  const objects = sides.flatMap(({ applications, unclaimed }) => [
    ...applications.flatMap((application) => application.objects),
    ...unclaimed,
  ]);
  const names = objects.flatMap(({ manifest: { apiVersion, kind, metadata } }) =>
    kind === 'ApplicationSet' && apiVersion.startsWith('argoproj.io/') ? [metadata.name] : [],
  );
  return [...new Set(names)].sort().map((name) => `${name}: the Applications that this ApplicationSet makes`);
}

export const HEADINGS = { danger: 'Danger', care: 'With care', plain: 'Plain' } as const;

/** A line for each reason: forty objects that may not be read are one thing to know. */
export function unknownLines({ unknown }: Report): readonly string[] {
  const reasons = new Map<string, string[]>();
  for (const { subject, why } of unknown) {
    const reason = why.split(subject.split(/[ /]/).at(-1) ?? subject).join('…');
    reasons.set(reason, [...(reasons.get(reason) ?? []), subject]);
  }
  return [...reasons].map(([reason, [first = '', ...others]]) =>
    others.length === 0
      ? `${first}: ${unknown.find(({ subject }) => subject === first)?.why ?? reason}`
      : `${listed([first, ...others])}: ${reason}`,
  );
}

export const predictedLine = (count: number): string =>
  `of ${count === 1 ? 'one object' : `${count} objects`}, what an apply makes of it was worked out here: the API server does not let us ask`;

/** 1 where something changes, whatever else could not be told; 0 only where everything could be. */
export const statusOf = ({ changes, unknown }: Report): 0 | 1 | 2 =>
  changes.length > 0 ? 1 : unknown.length > 0 ? 2 : 0;

/** `1 danger, 2 with care, 14 plain`. */
export function summaryOf({ changes, unknown }: Report): string {
  const untold = unknown.length === 0 ? [] : [`${unknown.length} cannot be told`];
  if (changes.length === 0) return [untold.length === 0 ? 'no change' : 'no change seen', ...untold].join(', ');
  const counts = WEIGHTS.flatMap((weight) => {
    const count = changes.filter((change) => change.weight === weight).length;
    const words = { danger: count === 1 ? 'danger' : 'dangers', care: 'with care', plain: 'plain' }[weight];
    return count === 0 ? [] : [`${count} ${words}`];
  });
  return [...counts, ...untold].join(', ');
}
