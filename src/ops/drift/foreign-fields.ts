/**
 * What somebody else added to an object of ours: a container, a variable, a finalizer.
 *
 * Whoever writes is on record; a webhook that changes an apply on its way is not, so that what it puts into a list of ours
 * is told by being nobody's. What it puts elsewhere looks like a default of the server's.
 *
 * Argo CD does not see it: its comparison knows the fields that it applies and no others, and so it stays for ever.
 */

import type { LiveObject } from '../../manifest/live-object.js';
import type { Json, Manifest } from '../../manifest/manifest.js';
import { type Writer, writerOf } from './field-owners.js';
import { type FieldSet, fieldsOf, isArgosEntry, isWhole, managersOf, partBelow, united, valueAt } from './field-set.js';
import { unrecordedItems } from './unrecorded-items.js';

interface AddedField {
  readonly path: string;
  readonly value: Json | undefined;
  readonly writer: Writer | null;
}

export function addedFields(live: LiveObject, described: Manifest): readonly AddedField[] {
  const managers = managersOf(live);
  const others = managers.filter((entry) => !isArgosEntry(entry) && !isController(entry.manager));
  const found = [
    ...pathsNotIn(described, united(others.map(fieldsOf)), live, ''),
    ...unrecordedItems(described, live, managers.map(fieldsOf)),
  ];
  return found.filter(({ path }) => isOfWeight(path)).map((each) => ({ ...each, writer: writerOf(live, each.path) }));
}

/**
 * Programs that write into objects of others as a matter of course. Everything else is somebody at a keyboard: of Argo
 * CD's programs the server is, as it writes what people click.
 */
const CONTROLLERS =
  /^(kube-|kubelet$|kubelite$|k3s$|deploy@|argocd-application-controller$|longhorn-|system-upgrade-controller$|prometheus-operator$|PrometheusOperator$|operator$)/;

export const isController = (manager: string): boolean => CONTROLLERS.test(manager);

/** Labels and notes change nothing; a restart is wanted, and over. */
const isOfWeight = (path: string): boolean =>
  path !== 'apiVersion' &&
  path !== 'kind' &&
  !/^status\b/.test(path) &&
  !path.endsWith('."kubectl.kubernetes.io/restartedAt"') &&
  (!/^metadata\b/.test(path) || /^metadata\.(finalizers|ownerReferences)\b/.test(path) || isArgosNote(path));

const isArgosNote = (path: string): boolean =>
  /^metadata\.annotations\."argocd\.argoproj\.io\/(?!refresh|hydrate)/.test(path);

type Found = readonly { readonly path: string; readonly value: Json | undefined }[];

/** What they own, is there, and is not described: whether Argo CD set it once as well makes no difference. */
function pathsNotIn(described: Json | undefined, theirs: FieldSet, live: Json | undefined, path: string): Found {
  return Object.entries(theirs).flatMap(([part, below_]) => {
    if (part === '.' || below_ === undefined) return [];
    const value = valueAt(part, live);
    // Gone since: the record outlives some values.
    if (value === undefined) return [];
    const place = { path: partBelow(path, part), value };
    const said = valueAt(part, described);
    // A map or a list that they share with us is not theirs, though what is in it may be.
    const isTheirs = isWhole(below_) || Object.hasOwn(below_, '.') || part.startsWith('k:');
    return said === undefined && isTheirs ? [place] : pathsNotIn(said, below_, place.value, place.path);
  });
}
