/** Nobody may more than before without being asked about it. */

import { textAt } from '../../../manifest/json.js';
import { groupOf } from '../../../manifest/manifest.js';
import { isPowerful, lacking, permissionsOf, subjectsOf } from '../rbac.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const rbacWidened: VetRule = {
  id: 'rbac-widened',
  severity: 'error',
  reason:
    'Argo CD may everything, so whoever writes to the repository may: one wildcard in a long diff of generated YAML makes a pod the administrator of its cluster.',
  mend: 'name the verbs, the resources and, where it can be, the names of the objects; bind a Role in one namespace rather than a ClusterRole',
  check: ({ objects }) => [
    ...objects.kept.flatMap(({ before, after }): readonly Concern[] => {
      if (groupOf(after.manifest) !== 'rbac.authorization.k8s.io') return [];
      const more = lacking(permissionsOf(after.manifest), permissionsOf(before.manifest));
      const subjects = subjectsOf(after.manifest).filter((subject) => !subjectsOf(before.manifest).includes(subject));
      return [
        ...(more.length === 0
          ? []
          : [concern(after, `expected no more rights than before, got also: ${listed(more)}`, ['rules'])]),
        ...(subjects.length === 0
          ? []
          : [
              concern(after, `expected ${roleOf(after.manifest)} for whom it was for, got also: ${listed(subjects)}`, [
                'subjects',
              ]),
            ]),
      ];
    }),
    ...objects.created.flatMap((placed): readonly Concern[] => {
      if (groupOf(placed.manifest) !== 'rbac.authorization.k8s.io') return [];
      const powers = permissionsOf(placed.manifest).filter(isPowerful);
      const role = textAt(placed.manifest, 'roleRef', 'name') ?? '';
      const everyone = subjectsOf(placed.manifest).filter((subject) => EVERYBODY.test(subject));
      return [
        ...(powers.length === 0
          ? []
          : [concern(placed, `expected a role without power over others, got: ${listed(powers)}`, ['rules'])]),
        ...(WIDE.has(role)
          ? [
              concern(
                placed,
                `expected a role of its own, got ${roleOf(placed.manifest)} for ${listed(subjectsOf(placed.manifest))}`,
                ['roleRef'],
              ),
            ]
          : []),
        ...(everyone.length === 0
          ? []
          : [concern(placed, `expected named subjects, got ${listed(everyone)}`, ['subjects'])]),
      ];
    }),
  ],
};

const WIDE = new Set(['cluster-admin', 'admin', 'edit', 'system:masters']);
const EVERYBODY = /^Group system:(authenticated|unauthenticated|serviceaccounts|masters)$/;

const roleOf = (manifest: Parameters<typeof subjectsOf>[0]): string =>
  `${textAt(manifest, 'roleRef', 'kind') ?? 'role'} ${textAt(manifest, 'roleRef', 'name') ?? ''}`;

const listed = (texts: readonly string[]): string =>
  texts.length > 4 ? `${texts.slice(0, 4).join(', ')} and ${texts.length - 4} more` : texts.join(', ');
