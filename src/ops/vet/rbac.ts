/** What RBAC objects allow, as sets that can be compared. */
import { listAt, textAt, textsAt } from '../../manifest/json.js';
import type { Manifest } from '../../manifest/manifest.js';

/** `get pods`, `* apps/deployments`, `get secrets/token-of-argocd`, `get /metrics`; `*` stands for all. */
export type Permission = string;

export const permissionsOf = (manifest: Manifest): readonly Permission[] => [
  ...new Set(
    listAt(manifest, 'rules').flatMap((rule) => {
      const names = textsAt(rule, 'resourceNames');
      const resources = textsAt(rule, 'apiGroups').flatMap((group) =>
        textsAt(rule, 'resources').flatMap((resource) =>
          (names.length === 0 ? [''] : names).map(
            (name) => `${group === '' ? '' : `${group}/`}${resource}${name === '' ? '' : ` named ${name}`}`,
          ),
        ),
      );
      const places = [...resources, ...textsAt(rule, 'nonResourceURLs').map((url) => `URL ${url}`)];
      return textsAt(rule, 'verbs').flatMap((verb) => places.map((place) => `${verb} ${place}`));
    }),
  ),
];

interface Parts {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name: string;
  readonly url: string;
}

function partsOf(permission: Permission): Parts {
  const [, verb = '', place = '', name = ''] = /^(\S+) (.*?)(?: named (.*))?$/.exec(permission) ?? [];
  if (place.startsWith('URL ')) return { verb, group: '', resource: '', name: '', url: place.slice(4) };
  // A subresource has a slash too; a group has a dot or is a word before one of the built-in groups' resources.
  const [, group = '', resource = place] =
    /^(\*|apps|batch|autoscaling|policy|extensions|[^/]*\.[^/]*)\/(.+)$/.exec(place) ?? [];
  return { verb, group, resource, name, url: '' };
}

const covers = (wide: string, narrow: string): boolean => wide === '*' || wide === narrow;

const allows = (has: Parts, wants: Parts): boolean =>
  covers(has.verb, wants.verb) &&
  (wants.url === ''
    ? has.url === '' &&
      covers(has.group, wants.group) &&
      covers(has.resource, wants.resource) &&
      (has.name === '' || has.name === wants.name)
    : has.url.endsWith('*')
      ? wants.url.startsWith(has.url.slice(0, -1))
      : has.url === wants.url);

/** What of `wanted` none of `had` allows. */
export function lacking(wanted: readonly Permission[], had: readonly Permission[]): readonly Permission[] {
  const parts = had.map(partsOf);
  return wanted.filter((permission) => !parts.some((has) => allows(has, partsOf(permission))));
}

const OVER_OTHERS: readonly string[] = ['escalate', 'bind', 'impersonate', 'approve', 'sign', '*'];
const ENTRANCES = [
  ...['pods/exec', 'pods/attach', 'pods/ephemeralcontainers', 'nodes/proxy', 'serviceaccounts/token'],
  'certificatesigningrequests/approval',
];
const READING = ['get', 'list', 'watch'];

/** What makes its holder more than it is: everything, others' rights, others' containers, all secrets. */
export function isPowerful(permission: Permission): boolean {
  const { verb, group, resource, name, url } = partsOf(permission);
  if (url !== '') return false;
  if (resource === '*' || group === '*' || OVER_OTHERS.includes(verb)) return true;
  if (ENTRANCES.includes(resource)) return true;
  return group === '' && resource === 'secrets' && name === '' && READING.includes(verb);
}

/** The selectors of an aggregated ClusterRole: the rules of every role that they find are its own. */
export const takenIn = (manifest: Manifest): readonly string[] =>
  listAt(manifest, 'aggregationRule', 'clusterRoleSelectors').map((selector) => JSON.stringify(selector));

/** A selector that finds every ClusterRole. */
export const isOfAllRoles = (selector: string): boolean =>
  /^\{("matchLabels":\{\},?)?("matchExpressions":\[\])?\}$/.test(selector);

/** `admin`, `edit`, `view`: the ClusterRoles that get its rules too. */
export const addedTo = ({ metadata }: Manifest): readonly string[] =>
  Object.entries(metadata.labels ?? {}).flatMap(([label, value]) =>
    value === 'true' && label.startsWith(ADDS) ? [label.slice(ADDS.length)] : [],
  );

const ADDS = 'rbac.authorization.k8s.io/aggregate-to-';

/** E.g. `ClusterRole view`. */
export const roleOf = (binding: Manifest): string =>
  `${textAt(binding, 'roleRef', 'kind') ?? 'role'} ${textAt(binding, 'roleRef', 'name') ?? ''}`;

export const subjectsOf = (manifest: Manifest): readonly string[] =>
  listAt(manifest, 'subjects').map((subject) => {
    const namespace = textAt(subject, 'namespace');
    return `${textAt(subject, 'kind') ?? ''} ${namespace === undefined ? '' : `${namespace}/`}${textAt(subject, 'name') ?? ''}`;
  });
