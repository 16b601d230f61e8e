/** An Application as Argo CD sees it: what it last compared and did, read from the live Application. */
import { syncPolicyOf } from '../../argo/sync-policy.js';
import type { SyncedApplication, SyncPolicy } from '../../argo/tree.js';
import { at, type Field, isObject, listAt, numberAt, textAt } from '../../manifest/json.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import type { Manifest } from '../../manifest/manifest.js';
import { groupOf } from '../../manifest/manifest.js';

/** On an Application: Argo CD does nothing with it at all. */
export const SKIP = 'argocd.argoproj.io/skip-reconcile';

export interface ArgoView {
  readonly application: SyncedApplication;
  /** The live policy, which counts; null where there is no Application, or nobody can say. */
  readonly policy: SyncPolicy | null;
  readonly live: LiveObject | 'missing' | 'unknown';
  /** `Synced`, `OutOfSync`, `Unknown`; empty where it was never compared. */
  readonly sync: string;
  /** The revision that was last compared. */
  readonly revision: string;
  readonly reconciledAt: string;
  readonly operation: Operation | null;
  readonly conditions: readonly { readonly type: string; readonly message: string }[];
  /** Argo CD is told not to look at it. */
  readonly isSkipped: boolean;
  /** Its AppProject, where that has windows of time in which there is no sync, or in which alone there is. */
  readonly windowsOf: string | null;
  readonly resources: readonly TrackedResource[];
}

interface Operation {
  /** `Running`, `Succeeded`, `Failed`, `Error`, `Terminating`. */
  readonly phase: string;
  readonly message: string;
  readonly revision: string;
  readonly startedAt: string;
  readonly finishedAt: string;
  readonly retries: number;
  /** What became of the objects that could not be synced. */
  readonly failures: readonly string[];
}

export interface TrackedResource {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: string;
  readonly requiresPruning: boolean;
}

/** @param projects live ones, as far as they could be read */
export function argoView(
  application: SyncedApplication,
  live: Answer<LiveObject | null> | undefined,
  projects: readonly LiveObject[] = [],
): ArgoView {
  const object = live?.ok ? live.value : undefined;
  const status = object?.status;
  return {
    application,
    policy: object ? syncPolicyOf(object) : null,
    live: object ?? (object === null ? 'missing' : 'unknown'),
    sync: text(status, 'sync', 'status'),
    revision: text(status, 'sync', 'revision'),
    reconciledAt: text(status, 'reconciledAt'),
    operation: operationOf(at(status, 'operationState')),
    conditions: listAt(status, 'conditions').map((each) => ({
      type: text(each, 'type'),
      message: text(each, 'message'),
    })),
    isSkipped: object?.metadata.annotations?.[SKIP] === 'true',
    windowsOf: object ? windowsOf(object, projects) : null,
    resources: listAt(status, 'resources').map((each) => ({
      group: text(each, 'group'),
      kind: text(each, 'kind'),
      namespace: text(each, 'namespace'),
      name: text(each, 'name'),
      status: text(each, 'status'),
      requiresPruning: at(each, 'requiresPruning') === true,
    })),
  };
}

function windowsOf({ metadata, spec }: LiveObject, projects: readonly LiveObject[]): string | null {
  const project = projects.find(
    (each) => each.metadata.name === textAt(spec, 'project') && each.metadata.namespace === metadata.namespace,
  );
  return project !== undefined && listAt(project.spec, 'syncWindows').length > 0 ? project.metadata.name : null;
}

/** What Argo CD says of one of its objects; undefined where it does not know it. */
export const trackedResource = ({ resources }: ArgoView, manifest: Manifest): TrackedResource | undefined =>
  resources.find(
    ({ group, kind, namespace, name }) =>
      group === groupOf(manifest) &&
      kind === manifest.kind &&
      name === manifest.metadata.name &&
      namespace === (manifest.metadata.namespace ?? ''),
  );

/** As people write it: the first seven digits of a commit, a chart's version as it is. */
export const shortRevision = (revision: string): string =>
  /^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 7) : revision || 'no revision';

function operationOf(state: Field): Operation | null {
  if (!isObject(state)) return null;
  return {
    phase: text(state, 'phase'),
    message: text(state, 'message'),
    revision: text(state, 'syncResult', 'revision') || text(state, 'operation', 'sync', 'revision'),
    startedAt: text(state, 'startedAt'),
    finishedAt: text(state, 'finishedAt'),
    retries: numberAt(state, 'retryCount') ?? 0,
    failures: listAt(state, 'syncResult', 'resources')
      .filter((each) => at(each, 'status') === 'SyncFailed' || at(each, 'hookPhase') === 'Failed')
      .map((each) => `${text(each, 'kind')} ${text(each, 'name')}: ${oneLine(text(each, 'message'))}`),
  };
}

/** Messages of kubectl and Git go over several lines. */
export const oneLine = (message: string): string =>
  message
    .replaceAll(/\s+/g, ' ')
    // A file of Argo CD's own that is gone by now.
    .replaceAll(/ from "\/dev\/shm\/\d+"/g, '')
    .trim();

/** Empty where there is none: what Argo CD does not say it does not say. */
const text = (value: Field, ...path: readonly string[]): string => textAt(value, ...path) ?? '';
