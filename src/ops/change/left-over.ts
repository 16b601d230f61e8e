/** What a live Application has beside what Git describes: it leaves the cluster with the sync, or stays behind. */
import { textAt } from '../../manifest/json.js';
import { nameOf, type ObjectRef } from '../../manifest/live-object.js';
import type { Manifest } from '../../manifest/manifest.js';
import type { Unknown } from '../drift/report.js';
import { trackerOf } from '../drift/tracking.js';
import { appliedPart } from './applied-part.js';
import { cleaned } from './live-object-sides.js';
import type { LiveApplication } from './live-state.js';

interface LeftOver {
  readonly objects: readonly Manifest[];
  readonly unknown: readonly Unknown[];
}

export function leftOverOf({ ref, described, live, others }: LiveApplication): LeftOver {
  const beyond = `what else Application ${ref.name} has`;
  if (described !== null && described.notRendered !== null) return { objects: [], unknown: [] };
  if (!live.ok) return { objects: [], unknown: [{ subject: beyond, why: live.failure.message }] };
  if (live.value === null) return { objects: [], unknown: [] };
  const status = textAt(live.value.status, 'sync', 'status') ?? '';
  const compared = ['Synced', 'OutOfSync'].includes(status);
  return {
    objects: others.flatMap(({ ref: other, live: answer }) => {
      if (!answer.ok) return [bare(other)];
      return answer.value === null || trackerOf(answer.value, ref.name) !== ref.name
        ? []
        : [appliedPart(answer.value, cleaned(answer.value))];
    }),
    unknown: [
      ...(compared ? [] : [{ subject: beyond, why: `Argo CD has not compared it (${status || 'never'})` }]),
      ...others.flatMap(({ ref: other, live: answer }) =>
        answer.ok ? [] : [{ subject: nameOf(other), why: `whether it may be pruned: ${answer.failure.message}` }],
      ),
    ],
  };
}

/** It is there, and more is not known: Argo CD says so. */
const bare = ({ apiVersion, kind, namespace, name }: ObjectRef): Manifest => ({
  apiVersion,
  kind,
  metadata: { name, ...(namespace !== undefined && { namespace }) },
});
