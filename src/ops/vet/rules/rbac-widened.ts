/** Nobody may more than before without being asked about it. */

import { textAt } from '../../../manifest/json.js';
import { groupOf, type Manifest } from '../../../manifest/manifest.js';
import type { Change, Pair, Placed } from '../change.js';
import { addedTo, isOfAllRoles, isPowerful, lacking, permissionsOf, roleOf, subjectsOf, takenIn } from '../rbac.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const rbacWidened: VetRule = {
  id: 'rbac-widened',
  severity: 'error',
  reason:
    'Argo CD may everything, so whoever writes to the repository may: one wildcard in a long diff of generated YAML makes a pod the administrator of its cluster.',
  mend: 'name the verbs, the resources and, where it can be, the names of the objects; bind a Role in one namespace rather than a ClusterRole',
  check: (change) => [
    ...change.objects.kept
      .filter(({ after }) => isRbac(after))
      .flatMap((pair) => [...ofRole(pair), ...ofBinding(change, pair)]),
    ...change.objects.created.filter(isRbac).flatMap((placed) => [...ofNewRole(placed), ...ofNewBinding(placed)]),
  ],
};

const isRbac = ({ manifest }: Placed): boolean => groupOf(manifest) === 'rbac.authorization.k8s.io';

function ofRole({ before: { manifest: before }, after }: Pair<Placed>): readonly Concern[] {
  const { manifest: now } = after;
  return [
    ...lacked(lacking(permissionsOf(now), permissionsOf(before)), (more) =>
      concern(after, `expected no more rights than before, got also: ${more}`, ['rules']),
    ),
    ...lacked(added(takenIn, before, now), (more) =>
      concern(after, `expected the rules of no more roles than before, got also those that match ${more}`, [
        'aggregationRule',
      ]),
    ),
    ...lacked(added(addedTo, before, now), (more) =>
      concern(
        after,
        `expected its rights for whom they were for, got them also for everybody with ClusterRole ${more}`,
        ['metadata', 'labels'],
      ),
    ),
  ];
}

function ofBinding(change: Change, { before, after }: Pair<Placed>): readonly Concern[] {
  const [old, now] = [roleOf(before.manifest), roleOf(after.manifest)];
  return [
    ...lacked(added(subjectsOf, before.manifest, after.manifest), (more) =>
      concern(after, `expected ${now} for whom it was for, got also: ${more}`, ['subjects']),
    ),
    ...(old === now || isNoMore(change, before, after)
      ? []
      : [concern(after, `expected ${old} for ${listed(subjectsOf(after.manifest))}, got ${now}`, ['roleRef'])]),
  ];
}

/** Known only of a role that is in Git; nothing is more than cluster-admin. */
function isNoMore(change: Change, before: Placed, after: Placed): boolean {
  if (roleOf(before.manifest) === 'ClusterRole cluster-admin') return true;
  const [old, now] = [findRole(change.before, before), findRole(change.after, after)];
  if (old === undefined || now === undefined || takenIn(now).length > 0) return false;
  return lacking(permissionsOf(now), permissionsOf(old)).length === 0;
}

const findRole = (all: readonly Placed[], { application, manifest: binding }: Placed): Manifest | undefined =>
  all.find(
    ({ application: { cluster }, manifest }) =>
      cluster === application.cluster &&
      manifest.kind === textAt(binding, 'roleRef', 'kind') &&
      manifest.metadata.name === textAt(binding, 'roleRef', 'name') &&
      (manifest.kind === 'ClusterRole' || manifest.metadata.namespace === binding.metadata.namespace),
  )?.manifest;

const ofNewRole = (placed: Placed): readonly Concern[] => [
  ...lacked(permissionsOf(placed.manifest).filter(isPowerful), (powers) =>
    concern(placed, `expected a role without power over others, got: ${powers}`, ['rules']),
  ),
  ...lacked(takenIn(placed.manifest).filter(isOfAllRoles), () =>
    concern(placed, 'expected a role without power over others, got the rules of every ClusterRole', [
      'aggregationRule',
    ]),
  ),
];

function ofNewBinding(placed: Placed): readonly Concern[] {
  const subjects = subjectsOf(placed.manifest);
  const isWide = WIDE.has(textAt(placed.manifest, 'roleRef', 'name') ?? '');
  return [
    ...(isWide
      ? [
          concern(placed, `expected a role of its own, got ${roleOf(placed.manifest)} for ${listed(subjects)}`, [
            'roleRef',
          ]),
        ]
      : []),
    ...lacked(
      subjects.filter((subject) => EVERYBODY.test(subject)),
      (everybody) => concern(placed, `expected named subjects, got ${everybody}`, ['subjects']),
    ),
  ];
}

const WIDE = new Set(['cluster-admin', 'admin', 'edit']);
const EVERYBODY = /^(User system:anonymous|Group system:(authenticated|unauthenticated|serviceaccounts|masters))$/;

const added = (of: (manifest: Manifest) => readonly string[], before: Manifest, now: Manifest): readonly string[] => {
  const had = of(before);
  return of(now).filter((each) => !had.includes(each));
};

const lacked = (texts: readonly string[], tell: (texts: string) => Concern): readonly Concern[] =>
  texts.length === 0 ? [] : [tell(listed(texts))];

const listed = (texts: readonly string[]): string =>
  texts.length > 4 ? `${texts.slice(0, 4).join(', ')} and ${texts.length - 4} more` : texts.join(', ');
