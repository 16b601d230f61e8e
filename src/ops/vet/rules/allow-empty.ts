/** An empty folder is a mistake, not a wish. */
import { at } from '../../../manifest/json.js';
import { counted } from '../../words.js';
import { placedApplication } from '../application.js';
import { isApplicationSet } from '../application-set.js';
import type { Placed } from '../change.js';
import { concern, type VetRule } from '../rule.js';

export const allowEmpty: VetRule = {
  id: 'allow-empty',
  severity: 'error',
  reason:
    'The one check of Argo CD against wiping an Application out is switched off by allowEmpty, and public templates carry it for DNS and for Argo CD itself.',
  mend: 'leave allowEmpty false',
  check: ({ applications, objects }) => [
    ...[...applications.created.map((after) => ({ before: undefined, after })), ...applications.kept]
      .filter(({ before, after }) => after.policy.allowEmpty && before?.policy.allowEmpty !== true)
      .map(({ after }) =>
        concern(
          placedApplication(after, 'head'),
          `expected allowEmpty false, got true: a folder without manifests deletes all its ${counted(after.objects.length, 'object')}`,
          ALLOW_EMPTY,
        ),
      ),
    ...[...objects.created.map((after) => ({ before: undefined, after })), ...objects.kept]
      .filter(({ before, after }) => allowsInTemplate(after) && !allowsInTemplate(before))
      .map(({ after }) =>
        concern(
          after,
          'expected allowEmpty false, got true: a folder without manifests deletes all objects of each Application that it makes',
          [...TEMPLATE, ...ALLOW_EMPTY],
        ),
      ),
  ],
};

const ALLOW_EMPTY = ['spec', 'syncPolicy', 'automated', 'allowEmpty'];
const TEMPLATE = ['spec', 'template'];

const allowsInTemplate = (placed: Placed | undefined): boolean =>
  placed !== undefined && isApplicationSet(placed) && at(placed.manifest, ...TEMPLATE, ...ALLOW_EMPTY) === true;
