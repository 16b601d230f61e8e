/** Whether Longhorn has lately copied each volume to the object store that is described. */
import type { Longhorn } from '../../../cluster/cluster.js';
import { describeDuration } from '../../../cluster/duration.js';
import { textAt } from '../../../manifest/json.js';
import type { LiveObject } from '../../../manifest/live-object.js';
import { counted } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import { spanOf, timeOf } from '../live.js';
import { claimOf, volumeName } from '../longhorn-volume.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';
import { LONGHORN_BACKUP_STALE, SKEW_SECONDS } from '../thresholds.js';

const ID = 'longhorn-backup-age';
const say = saying(ID);

export const longhornBackupAgeCheck: HealthCheck = {
  id: ID,
  summary:
    'every Longhorn volume has a young backup in the object store, but for those that the description leaves out',
  asks: ['longhornVolumes', 'longhornNodes'],
  applies: ({ longhorn }) => longhorn?.backupTarget.kind === 's3',
  answer: ({ cluster: { longhorn }, now, of }) => {
    if (longhorn === null) return [];
    const { namespace } = longhorn;
    const subject = `Longhorn volumes in ${namespace}`;
    const [volumes, nodes] = [of('longhornVolumes'), of('longhornNodes')];
    for (const answer of [volumes, nodes, now]) if (!answer.ok) return [say.unknown(subject, answer.failure)];
    if (!volumes.ok || !nodes.ok || !now.ok) return [];
    const isIts = ({ metadata }: LiveObject): boolean => metadata.namespace === namespace;
    if (!nodes.value.some(isIts))
      return [say.unknown(subject, `Longhorn knows no node in ${namespace}: its manager does not run there`)];
    const meant = volumes.value
      .filter((volume) => isIts(volume) && volume.metadata.deletionTimestamp === undefined)
      .filter((volume) => isMeant(volume, longhorn));
    const wrong = meant.flatMap((volume) => judge(volume, longhorn, now.value));
    return wrong.length > 0
      ? wrong
      : [
          say.pass(
            subject,
            meant.length === 0
              ? 'there is none to be copied'
              : `${counted(meant.length, 'volume')}, none for longer than ${PATIENCE}`,
          ),
        ];
  },
};

const PATIENCE = describeDuration(LONGHORN_BACKUP_STALE);

function isMeant(volume: LiveObject, { excludeVolumes, detachedVolumes }: Longhorn): boolean {
  if (detachedVolumes === 'leave-out' && textAt(volume.status, 'state') === 'detached') return false;
  return !excludeVolumes.some((each) =>
    each.kind === 'claim' ? claimOf(volume) === `${each.namespace}/${each.claim}` : volume.metadata.name === each.name,
  );
}

/** A volume has as long for its first one. */
function judge(volume: LiveObject, { namespace, detachedVolumes }: Longhorn, now: number): readonly CheckResult[] {
  const subject = volumeName(volume);
  const last = timeOf(textAt(volume.status, 'lastBackupAt'));
  const since = last ?? timeOf(volume.metadata.creationTimestamp) ?? now;
  const age = now - since;
  const next = `kubectl -n ${namespace} get backuptargets.longhorn.io,backups.longhorn.io   # is the target there, did one end with an error?`;
  if (age < -SKEW_SECONDS * 1_000)
    return [say.unknown(subject, `its last backup lies ${spanOf(-age)} ahead of the API server's clock`, next)];
  if (age <= LONGHORN_BACKUP_STALE.seconds * 1_000) return [];
  const found =
    last === undefined ? `none since it was made ${spanOf(age)} ago` : `the last one was ${spanOf(age)} ago`;
  if (detachedVolumes === 'leave-out')
    return [say.unknown(subject, `${found}; whether it was left out because it was detached cannot be told`, next)];
  return [say.fail(subject, { expected: `a backup within ${PATIENCE}`, found, next })];
}
