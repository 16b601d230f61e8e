/** What somebody mended in the cluster by hand is not undone by the next commit without being asked about. */
import { shownPair } from '../../drift/shown.js';
import { type LiveFix, liveFixes } from '../live.js';
import { placeOf } from '../place.js';
import { concern, type VetRule } from '../rule.js';

export const liveFixReverted: VetRule = {
  id: 'live-fix-reverted',
  severity: 'error',
  reason:
    'A broken backup was taken out of the cluster by hand and was back after twenty seconds, because Git still had it: at 03:00 it ran and froze the node again.',
  mend: 'write it into the description, so that Git has what is live; what was only tried is put back by hand first',
  check: (change) =>
    liveFixes(change).map((fix) =>
      concern(fix.placed, textOf(fix), fix.path === '' ? [] : placeOf(fix.placed.manifest, fix.path).keys),
    ),
};

function textOf({ placed, path, live, described, writer }: LiveFix): string {
  const { name, policy } = placed.application;
  const who = policy.automated ? name : `the next sync of ${name} by hand`;
  if (path === '')
    return `expected it to stay away, as somebody deleted it in the cluster, but ${who} creates it again`;
  const [now, then] = shownPair(live, described);
  const by =
    writer === null
      ? 'somebody removed it, and that leaves no name'
      : `by ${writer.manager}${writer.subresource === null ? '' : ` (${writer.subresource})`}, ${writer.time ?? 'when is not on record'}`;
  return `expected ${path} to stay as it is live, ${now} (${by}), but ${who} makes it ${then}`;
}
