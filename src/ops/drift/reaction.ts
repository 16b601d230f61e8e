/** What Argo CD will do about a difference, and what a person can do: from the live Application, not from the described one. */

import { below } from '../../manifest/field-path.js';
import { isList, isObject } from '../../manifest/json.js';
import { groupOf, type Json, type Manifest } from '../../manifest/manifest.js';
import type { ArgoView } from './argo-view.js';
import { oneLine, SKIP, shortRevision, trackedResource } from './argo-view.js';
import type { FieldDifference } from './report.js';

interface Reaction {
  readonly argo: string;
  readonly next: readonly string[];
}

/** `unread`: it differs, and where nobody has looked. */
type Difference = readonly FieldDifference[] | 'missing' | 'unread';

export function reactionTo(view: ArgoView, described: Manifest, difference: Difference): Reaction {
  const { application, live, revision } = view;
  const fields = typeof difference === 'string' ? [] : difference;
  const idle = whyIdle(view);
  if (idle !== null) return idle;
  const ignored = typeof live === 'string' ? null : ignoredBy(live.spec, described, fields);
  if (ignored !== null)
    return {
      argo: `leaves it: ${ignored} of ${application.name} hides it`,
      next: [show(view, '.spec.ignoreDifferences')],
    };
  const tracked = trackedResource(view, described);
  if (tracked === undefined)
    return {
      argo: `does nothing: at ${shortRevision(revision)} Git does not have this object`,
      next: ['selfheal synth, commit and push; then Argo CD creates or takes it over'],
    };
  if (tracked.status === 'Synced') return unseen(view, fields);
  return nextSync(view, difference === 'missing' ? 'creates it again' : 'reverts it');
}

/** Why Argo CD does nothing with any object of the Application; null where it does something. */
function whyIdle(view: ArgoView): Reaction | null {
  const { name, namespace } = view.application;
  if (view.live === 'missing')
    return {
      argo: `does nothing: the Application ${name} is missing, and nobody syncs its objects`,
      next: [`kubectl -n ${namespace} get applications`],
    };
  if (view.live === 'unknown') return { argo: `nobody can say: the Application ${name} was not read`, next: [] };
  if (view.isSkipped)
    return {
      argo: `does nothing: it is told to skip the Application ${name}`,
      next: [`kubectl -n ${namespace} annotate application ${name} ${SKIP}-`],
    };
  return brokenComparison(view) === null
    ? null
    : { argo: `does nothing until it can compare again: see Application ${name}`, next: [] };
}

const KEEP = 'what is to stay belongs into the description: selfheal synth, commit';

/** What becomes of an object that Argo CD knows to differ; `heals`: what it does about it where it heals. */
export function nextSync(view: ArgoView, heals: 'creates it again' | 'reverts it'): Reaction {
  const { application, policy, sync, revision, operation, windowsOf } = view;
  const { name, namespace } = application;
  if (policy?.automated !== true)
    return {
      argo: `leaves it until somebody syncs: automated sync of ${name} is off. Then Git wins`,
      next: [KEEP, syncNow(view)],
    };
  if (operation !== null && ['Failed', 'Error'].includes(operation.phase) && operation.revision === revision)
    return { argo: `has given up on ${shortRevision(revision)}: see Application ${name}`, next: [] };
  if (operation?.phase === 'Running' && operation.retries > 0)
    return { argo: `does not get its sync through: see Application ${name}`, next: [] };
  if (operation?.phase === 'Running')
    return { argo: `is at it since ${operation.startedAt}`, next: [show(view, '.status.operationState.message')] };
  if (!policy.selfHeal && sync === 'OutOfSync' && operation?.revision === revision)
    return {
      argo: `leaves it until the next commit to ${name}: self-heal is off. Then Git wins`,
      next: [KEEP, syncNow(view)],
    };
  if (windowsOf !== null)
    return {
      argo: `${heals} as soon as the sync windows of AppProject ${windowsOf} allow it: self-heal is on`,
      next: [KEEP, `kubectl -n ${namespace} get appproject ${windowsOf} -o jsonpath='{.spec.syncWindows}'`],
    };
  return { argo: `${heals} within seconds: self-heal is on`, next: [KEEP] };
}

/** The command that lets Argo CD look again, and read Git anew. */
export const lookAgain = ({ application: { name, namespace } }: ArgoView): string =>
  `kubectl -n ${namespace} annotate application ${name} argocd.argoproj.io/refresh=hard --overwrite`;

export const syncNow = ({ application: { name, namespace } }: ArgoView): string =>
  `kubectl -n ${namespace} patch application ${name} --type merge -p '{"operation":{"sync":{}}}'`;

export const show = ({ application: { name, namespace } }: ArgoView, path: string): string =>
  `kubectl -n ${namespace} get application ${name} -o jsonpath='{${path}}'`;

/** Why Argo CD cannot compare, or null where it can. */
export function brokenComparison({ conditions, sync }: ArgoView): string | null {
  const condition = conditions.find(({ type }) => BREAKING.has(type));
  if (condition !== undefined) return `${condition.type}: ${oneLine(condition.message)}`;
  return sync === 'Unknown' ? 'its sync status is Unknown' : null;
}

const BREAKING: ReadonlySet<string> = new Set(['ComparisonError', 'InvalidSpecError', 'UnknownError']);

/** Argo CD compared, and saw no difference: before there was one, or because Git has it so. */
function unseen({ application, reconciledAt, revision }: ArgoView, fields: readonly FieldDifference[]): Reaction {
  const times = fields.map(({ writer }) => writer?.time ?? null);
  const asleep = {
    argo: `has not looked since (last at ${reconciledAt}), and it does within seconds: is its controller running?`,
    next: [`kubectl -n ${application.namespace} get pods`],
  };
  // That an object is gone it would have seen.
  if (fields.length === 0 || times.some((time) => time !== null && time > reconciledAt)) return asleep;
  const agree = `at ${shortRevision(revision)} Git and the cluster agree, and the description does not`;
  const fetch = 'selfheal synth --check; commit and push what differs, or fetch what others pushed';
  if (times.every((time) => time !== null)) return { argo: `does nothing: ${agree}`, next: [fetch] };
  return {
    argo: `saw no difference when it last looked, at ${reconciledAt}: it has not looked since, or ${agree}`,
    next: asleep.next.concat(fetch),
  };
}

/** Which of the Application's ignoreDifferences covers all of the fields; null where none does. */
export function ignoredBy(
  spec: Json | undefined,
  described: Manifest,
  fields: readonly FieldDifference[],
): string | null {
  const { kind, metadata } = described;
  const rules = isObject(spec) && isList(spec.ignoreDifferences) ? spec.ignoreDifferences.filter(isObject) : [];
  const meant = rules.filter(
    (rule) =>
      (rule.kind === kind || rule.kind === '*') &&
      ((rule.group ?? '') === groupOf(described) || rule.group === '*') &&
      (rule.name === undefined || rule.name === metadata.name) &&
      (rule.namespace === undefined || rule.namespace === metadata.namespace),
  );
  const pointers = meant.flatMap(({ jsonPointers }) => strings(jsonPointers)).map(pathOfPointer);
  const managers = meant.flatMap(({ managedFieldsManagers }) => strings(managedFieldsManagers));
  const covers = ({ path, writer }: FieldDifference): boolean =>
    pointers.some((pointer) => path === pointer || path.startsWith(`${pointer}.`) || path.startsWith(`${pointer}[`)) ||
    (writer !== null && managers.includes(writer.manager));
  if (fields.length > 0 && fields.every(covers)) return 'an entry of ignoreDifferences';
  return null;
}

const strings = (value: Json | undefined): readonly string[] =>
  isList(value) ? value.filter((item) => typeof item === 'string') : [];

/** `/spec/replicas` as a path; `~1` is a slash. */
const pathOfPointer = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce(below, '');
