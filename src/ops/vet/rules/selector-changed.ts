/** What selects pods goes on selecting them. */
import { at, type Field, fieldsAt, listAt, show } from '../../../manifest/json.js';
import { describe, type Manifest } from '../../../manifest/manifest.js';
import type { Change, Pair, Placed } from '../change.js';
import { type Concern, concern, type VetRule } from '../rule.js';
import { isSame } from '../same.js';

export const selectorChanged: VetRule = {
  id: 'selector-changed',
  severity: 'error',
  reason:
    'The API server refuses another selector of a workload, so the whole sync fails and nothing else of the change lands, and who forces it has the workload deleted; of a Service it takes any, also one that finds no pod.',
  mend: 'leave the selector and change other labels of the template only; or give the workload a new name, and remove the old one in a later change',
  check: (change) =>
    change.objects.kept.flatMap((pair) =>
      SELECTING.includes(pair.after.manifest.kind)
        ? refused(pair)
        : pair.after.manifest.kind === 'Service'
          ? unserved(change, pair)
          : [],
    ),
};

const SELECTING = ['Deployment', 'DaemonSet', 'StatefulSet', 'ReplicaSet', 'Job'];
const SELECTOR = ['spec', 'selector'];
const LABELS = ['spec', 'template', 'metadata', 'labels'];

function refused({ before, after }: Pair<Placed>): readonly Concern[] {
  const [old, now] = [at(before.manifest, ...SELECTOR), at(after.manifest, ...SELECTOR)];
  // A partial leaves it out and changes nothing.
  if (old === undefined || now === undefined) return [];
  if (!isSame(partsOf(old), partsOf(now)))
    return [
      concern(after, `expected the selector ${show(old)}, got ${show(now)}: the API server refuses it`, SELECTOR),
    ];
  const [wanted, labels] = [at(now, 'matchLabels'), at(after.manifest, ...LABELS)];
  if (has(labels, wanted) || !has(at(before.manifest, ...LABELS), wanted)) return [];
  const found = `expected the labels ${show(wanted)} of the selector in the template, got ${show(labels)}: the API server refuses it`;
  return [concern(after, found, LABELS)];
}

/** Empty says the same as left out. */
const partsOf = (selector: Field): Field => ({
  labels: Object.fromEntries(fieldsAt(selector, 'matchLabels')),
  expressions: listAt(selector, 'matchExpressions'),
});

const has = (labels: Field, wanted: Field): boolean =>
  fieldsAt(wanted).every(([key, value]) => at(labels, key) === value);

/** A Service that found pods of a workload in Git, and finds none any more; or whose pods are not in Git. */
function unserved(change: Change, { before, after }: Pair<Placed>): readonly Concern[] {
  const [old, now] = [at(before.manifest, ...SELECTOR), at(after.manifest, ...SELECTOR)];
  // Without one somebody else writes the addresses.
  if (old === undefined || now === undefined || found(change.after, after).length > 0) return [];
  const [lost] = found(change.before, before);
  if (lost === undefined && isSame(old, now)) return [];
  const what =
    lost === undefined
      ? `expected the selector ${show(old)}, got ${show(now)}: whose pods these are cannot be told here`
      : `expected its selector to find ${describe(lost)}, got ${show(now)}, which finds no workload here`;
  return [{ ...concern(after, what, SELECTOR), mend: MEND_OF_SERVICE }];
}

const MEND_OF_SERVICE =
  'give the Service the labels of the pods that it is for; where these are not in Git, look (kubectl get pods -l) and accept the finding';

/** The workloads whose pods a Service finds. */
const found = (all: readonly Placed[], service: Placed): readonly Manifest[] =>
  all
    .filter(
      (each) => each.application.cluster === service.application.cluster && namespaceOf(each) === namespaceOf(service),
    )
    .map(({ manifest }) => manifest)
    .filter((manifest) => {
      const labels = manifest.kind === 'Pod' ? manifest.metadata.labels : at(manifest, ...LABELS);
      return labels !== undefined && has(labels, at(service.manifest, ...SELECTOR));
    });

const namespaceOf = ({ manifest, application }: Placed): string =>
  manifest.metadata.namespace ?? application.policy.destinationNamespace ?? '';
