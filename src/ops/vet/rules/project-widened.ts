/** No AppProject lets its Applications do more than before without being asked about it. */
import { type Field, listAt, textAt, textsAt } from '../../../manifest/json.js';
import { groupOf, type Manifest } from '../../../manifest/manifest.js';
import { placedApplication } from '../application.js';
import type { Placed } from '../change.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const projectWidened: VetRule = {
  id: 'project-widened',
  severity: 'error',
  reason:
    'The project is what a stolen or a careless Application cannot get past: with * in it a commit to one folder reaches every namespace, from any repository, and gives itself every right.',
  mend: 'name the repository, the namespace or the kind that is needed; what needs more gets a project of its own',
  check: ({ objects, applications }) => [
    ...objects.kept.flatMap(({ before, after }) => (isProject(after) ? widened(before.manifest, after) : [])),
    ...objects.created.flatMap((placed) => (isProject(placed) ? withEverything(placed) : [])),
    ...applications.kept.flatMap(({ before, after }): readonly Concern[] => {
      const [old, now] = [before, after].map(({ source }) => textAt(source.manifest, 'spec', 'project') ?? 'default');
      if (old === now) return [];
      return [
        concern(placedApplication(after, 'head'), `expected the project ${old}, got ${now}: its limits are others`, [
          'spec',
          'project',
        ]),
      ];
    }),
  ],
};

const isProject = ({ manifest }: Placed): boolean =>
  manifest.kind === 'AppProject' && groupOf(manifest) === 'argoproj.io';

const ALLOWED = {
  sourceRepos: (entry: Field) => (typeof entry === 'string' ? entry : ''),
  sourceNamespaces: (entry: Field) => (typeof entry === 'string' ? entry : ''),
  destinations: (entry: Field) => placeOf(entry),
  clusterResourceWhitelist: (entry: Field) => kindOf(entry),
  namespaceResourceWhitelist: (entry: Field) => kindOf(entry),
  destinationServiceAccounts: (entry: Field) =>
    `ServiceAccount ${textAt(entry, 'defaultServiceAccount') ?? ''} in ${placeOf(entry)}`,
} as const;

const placeOf = (entry: Field): string =>
  `${textAt(entry, 'namespace') ?? '*'} of ${textAt(entry, 'server') ?? textAt(entry, 'name') ?? '*'}`;

const FORBIDDEN = ['clusterResourceBlacklist', 'namespaceResourceBlacklist', 'signatureKeys'] as const;

/** `ClusterRole of rbac.authorization.k8s.io`, `Pod`, `* of *`. */
const kindOf = (entry: Field): string => {
  const [kind = '', group = ''] = [textAt(entry, 'kind'), textAt(entry, 'group')];
  return group === '' ? kind : `${kind} of ${group}`;
};

type List = keyof typeof ALLOWED;

const LISTS: readonly List[] = [
  'sourceRepos',
  'sourceNamespaces',
  'destinations',
  'clusterResourceWhitelist',
  'namespaceResourceWhitelist',
  'destinationServiceAccounts',
];

const entriesOf = (manifest: Manifest, list: List): readonly string[] =>
  listAt(manifest, 'spec', list).map(ALLOWED[list]);

function widened(before: Manifest, after: Placed): readonly Concern[] {
  const more = LISTS.flatMap((list): readonly Concern[] => {
    const [old, now] = [entriesOf(before, list), entriesOf(after.manifest, list)];
    // Of the kinds in namespaces, none named is all of them.
    if (list === 'namespaceResourceWhitelist' && (old.length === 0 || now.length === 0)) {
      const opened = old.length > 0;
      return opened ? [concern(after, `expected ${list} to name kinds, got none: all are allowed`, ['spec'])] : [];
    }
    const added = now.filter((entry) => !entry.startsWith('!') && !old.some((pattern) => covers(pattern, entry)));
    const readmitted = old.filter((entry) => entry.startsWith('!') && !now.includes(entry));
    return added.length + readmitted.length === 0
      ? []
      : [
          concern(
            after,
            `expected ${list} to allow no more than before, got ${[
              ...added,
              ...readmitted.map((entry) => `${entry.slice(1)}, which was kept out`),
            ].join(' and ')}`,
            ['spec', list],
          ),
        ];
  });
  const less = FORBIDDEN.flatMap((list): readonly Concern[] => {
    const [old, now] = [before, after.manifest].map((manifest) => listAt(manifest, 'spec', list));
    const kept = new Set((now ?? []).map((entry) => JSON.stringify(entry)));
    const gone = (old ?? []).filter((entry) => !kept.has(JSON.stringify(entry)));
    // A further key is one more who may sign; without any nobody has to.
    const isLooser = list === 'signatureKeys' ? (old ?? []).length > 0 && kept.size === 0 : gone.length > 0;
    return isLooser
      ? [concern(after, `expected ${list} to stay, got ${gone.map(nameOf).join(', ')} taken out of it`, ['spec', list])]
      : [];
  });
  return [...more, ...less, ...moreToPeople(before, after)];
}

/** A role of a project is for people and for tokens. */
function moreToPeople(before: Manifest, after: Placed): readonly Concern[] {
  const [old = [], now = []] = [before, after.manifest].map((manifest) =>
    listAt(manifest, 'spec', 'roles').flatMap((role) => [
      ...textsAt(role, 'policies').filter((policy) => !policy.endsWith('deny')),
      ...textsAt(role, 'groups').map((group) => `group ${group} as ${textAt(role, 'name') ?? ''}`),
    ]),
  );
  const more = now.filter((entry) => !old.includes(entry));
  return more.length === 0
    ? []
    : [concern(after, `expected roles to allow no more than before, got ${more.join(' and ')}`, ['spec', 'roles'])];
}

const nameOf = (entry: Field): string => textAt(entry, 'keyID') ?? kindOf(entry);

/** Of a new project: what names nothing. */
const withEverything = (placed: Placed): readonly Concern[] =>
  LISTS.flatMap((list) => {
    const open = entriesOf(placed.manifest, list).filter((entry) => isOpen(list, entry));
    return open.length === 0
      ? []
      : [concern(placed, `expected ${list} of a new project to name what it needs, got ${open[0]}`, ['spec', list])];
  });

/** Any repository, any namespace, any kind of cluster-wide objects. Every kind inside a namespace is usual. */
const isOpen = (list: List, entry: string): boolean =>
  list !== 'namespaceResourceWhitelist' && (entry === '*' || entry.startsWith('* of '));

const covers = (pattern: string, entry: string): boolean =>
  pattern === entry || new RegExp(`^${pattern.split('*').map(literal).join('.*')}$`).test(entry);

const literal = (text: string): string => text.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&');
