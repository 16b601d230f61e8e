/** What keeps an object from being deleted with its file stays on it. */
import { SYNC_OPTIONS } from '../../../argo/sync-options.js';
import { optionsOf } from '../../../guardrails/argo.js';
import { concern, type VetRule } from '../rule.js';

const PROTECTION = ['Prune=false', 'Delete=false', 'Prune=confirm', 'Delete=confirm'];

export const protectionRemoved: VetRule = {
  id: 'protection-removed',
  severity: 'error',
  reason:
    'One commit takes the annotation off and nothing happens; the next one moves the file, and Argo CD deletes an object that somebody else made: a CoreDNS went that way.',
  mend: 'leave the protection on until the object is no longer in Git',
  check: (change) =>
    change.objects.kept.flatMap(({ before, after }) => {
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
    }),
};

/** `false` protects more than `confirm`. */
const answered = (option: string, has: readonly string[]): boolean =>
  has.includes(option) || has.includes(option.replace(/=confirm$/, '=false'));
