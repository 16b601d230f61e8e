/** An empty folder is a mistake, not a wish. */
import { counted } from '../../words.js';
import { placedApplication } from '../application.js';
import { concern, type VetRule } from '../rule.js';

export const allowEmpty: VetRule = {
  id: 'allow-empty',
  severity: 'error',
  reason:
    'The one check of Argo CD against wiping an Application out is switched off by allowEmpty, and public templates carry it for DNS and for Argo CD itself.',
  mend: 'leave allowEmpty false',
  check: ({ applications }) =>
    [...applications.created.map((after) => ({ before: undefined, after })), ...applications.kept]
      .filter(({ before, after }) => after.policy.allowEmpty && before?.policy.allowEmpty !== true)
      .map(({ after }) =>
        concern(
          placedApplication(after, 'head'),
          `expected allowEmpty false, got true: a folder without manifests deletes all its ${counted(after.objects.length, 'object')}`,
          ['spec', 'syncPolicy', 'automated', 'allowEmpty'],
        ),
      ),
};
