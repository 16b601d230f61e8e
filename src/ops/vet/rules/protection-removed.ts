/** What keeps an object from being deleted with its file stays on it. */
import { SYNC_OPTIONS } from '../../../argo/sync-options.js';
import { optionsOf } from '../../../guardrails/argo.js';
import { textAt } from '../../../manifest/json.js';
import type { Pair, Placed } from '../change.js';
import { type Concern, concern, type VetRule } from '../rule.js';

const PROTECTION = ['Prune=false', 'Delete=false', 'Prune=confirm', 'Delete=confirm'];

export const protectionRemoved: VetRule = {
  id: 'protection-removed',
  severity: 'error',
  reason:
    'One commit takes the annotation off and nothing happens; the next one moves the file, and Argo CD deletes an object that somebody else made: a CoreDNS went that way.',
  mend: 'leave the protection on until the object is no longer in Git',
  check: ({ objects }) => objects.kept.flatMap((pair) => [...ofOptions(pair), ...ofData(pair)]),
};

function ofOptions({ before, after }: Pair<Placed>): readonly Concern[] {
  const has = optionsOf(after.manifest);
  const lost = optionsOf(before.manifest).filter((option) => PROTECTION.includes(option) && !answered(option, has));
  if (lost.length === 0) return [];
  return [
    concern(
      after,
      `expected ${lost.join(',')} to stay, got ${has.length === 0 ? 'no sync option' : has.join(',')}: what removes the file next deletes the object`,
      ['metadata', 'annotations', SYNC_OPTIONS],
    ),
  ];
}

/** What says that data outlive the object that asked for them. */
function ofData({ before, after }: Pair<Placed>): readonly Concern[] {
  return KEEPING.filter(({ kind }) => kind === after.manifest.kind).flatMap(({ path, loses }) => {
    const [old, now] = [before, after].map(({ manifest }) => textAt(manifest, ...path) ?? KEEPS);
    if (old !== KEEPS || now === KEEPS) return [];
    const found = `expected ${path.join('.')} to stay ${old}, got ${now}: ${loses}`;
    return [{ ...concern(after, found, path), mend: `leave ${path.at(-1)} at ${KEEPS}` }];
  });
}

const KEEPS = 'Retain';
const CLAIMS = ['spec', 'persistentVolumeClaimRetentionPolicy'];
const KEEPING = [
  {
    kind: 'PersistentVolume',
    path: ['spec', 'persistentVolumeReclaimPolicy'],
    loses: 'the data go with the claim',
  },
  { kind: 'StatefulSet', path: [...CLAIMS, 'whenDeleted'], loses: 'its claims go with it' },
  { kind: 'StatefulSet', path: [...CLAIMS, 'whenScaled'], loses: 'the claim of each pod goes with it' },
];

/** `false` protects more than `confirm`. */
const answered = (option: string, has: readonly string[]): boolean =>
  has.includes(option) || has.includes(option.replace(/=confirm$/, '=false'));
