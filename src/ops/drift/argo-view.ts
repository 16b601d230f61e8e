/** An Application as Argo CD sees it: what it last compared and did, read from the live Application. */
import { syncPolicyOf } from '../../argo/sync-policy.js';
import type { SyncedApplication, SyncPolicy } from '../../argo/tree.js';
import type { Answer, LiveObject } from '../../manifest/live-object.js';
import type { Json, Manifest } from '../../manifest/manifest.js';
import { groupOf } from '../../manifest/manifest.js';
import { isFields, isList } from './field-set.js';

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
  readonly resources: readonly TrackedResource[];
}

interface Operation {
  /** `Running`, `Succeeded`, `Failed`, `Error`, `Terminating`. */
  readonly phase: string;
  readonly message: string;
  readonly revision: string;
  readonly finishedAt: string;
  readonly retries: number;
  /** What became of the objects that could not be synced. */
  readonly failures: readonly string[];
}

interface TrackedResource {
  readonly group: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly status: string;
  readonly requiresPruning: boolean;
}

export function argoView(application: SyncedApplication, live: Answer<LiveObject | null> | undefined): ArgoView {
  const object = live?.ok ? live.value : undefined;
  const status = object?.status;
  const sync = at(status, 'sync');
  return {
    application,
    policy: object ? syncPolicyOf(object) : null,
    live: object ?? (object === null ? 'missing' : 'unknown'),
    sync: text(at(sync, 'status')),
    revision: text(at(sync, 'revision')),
    reconciledAt: text(at(status, 'reconciledAt')),
    operation: operationOf(at(status, 'operationState')),
    conditions: items(at(status, 'conditions')).map((each) => ({
      type: text(at(each, 'type')),
      message: text(at(each, 'message')),
    })),
    resources: items(at(status, 'resources')).map((each) => ({
      group: text(at(each, 'group')),
      kind: text(at(each, 'kind')),
      namespace: text(at(each, 'namespace')),
      name: text(at(each, 'name')),
      status: text(at(each, 'status')),
      requiresPruning: at(each, 'requiresPruning') === true,
    })),
  };
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

function operationOf(state: Json | undefined): Operation | null {
  if (!isFields(state)) return null;
  const result = at(state, 'syncResult');
  return {
    phase: text(state.phase),
    message: text(state.message),
    revision: text(at(result, 'revision')) || text(at(at(at(state, 'operation'), 'sync'), 'revision')),
    finishedAt: text(state.finishedAt),
    retries: typeof state.retryCount === 'number' ? state.retryCount : 0,
    failures: items(at(result, 'resources'))
      .filter((each) => at(each, 'status') === 'SyncFailed' || at(each, 'hookPhase') === 'Failed')
      .map((each) => `${text(at(each, 'kind'))} ${text(at(each, 'name'))}: ${oneLine(text(at(each, 'message')))}`),
  };
}

/** Messages of kubectl and Git go over several lines. */
export const oneLine = (message: string): string =>
  message
    .replaceAll(/\s+/g, ' ')
    // A file of Argo CD's own that is gone by now.
    .replaceAll(/ from "\/dev\/shm\/\d+"/g, '')
    .trim();

const at = (value: Json | undefined, field: string): Json | undefined =>
  isFields(value) && Object.hasOwn(value, field) ? value[field] : undefined;

const text = (value: Json | undefined): string => (typeof value === 'string' ? value : '');

const items = (value: Json | undefined): readonly Json[] => (isList(value) ? value : []);
