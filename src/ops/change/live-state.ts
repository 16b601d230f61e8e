/** A live cluster as it stands, beside what Git would make of it: plain data that a verb has gathered. */
import type { SyncedApplication, Tree } from '../../argo/tree.js';
import { at, listAt, textAt } from '../../manifest/json.js';
import type { Answer, LiveObject, ObjectRef } from '../../manifest/live-object.js';
import type { Manifest } from '../../manifest/manifest.js';
import type { ObjectFacts } from '../drift/facts.js';

export interface LiveState {
  /** Of one cluster. */
  readonly head: Tree;
  /** What head describes. */
  readonly objects: readonly ObjectFacts[];
  /** Those of head, and those that one of them still has although head does not. */
  readonly applications: readonly LiveApplication[];
}

export interface LiveApplication {
  readonly ref: ObjectRef;
  /** As head has it; null: head does not. */
  readonly described: SyncedApplication | null;
  readonly live: Answer<LiveObject | null>;
  /** What Argo CD counts among its objects, and head does not have. */
  readonly others: readonly OtherObject[];
}

export interface OtherObject {
  readonly ref: ObjectRef;
  readonly live: Answer<LiveObject | null>;
}

/** What an API server said of an apply. */
export interface Verdict {
  /** Why not; null: it takes it. */
  readonly refused: string | null;
}

/** By group, kind, namespace and name. */
export const keyOfRef = ({ apiVersion, kind, namespace = '', name }: ObjectRef): string =>
  [apiVersion.includes('/') ? apiVersion.split('/')[0] : '', kind, namespace, name].join('\0');

/** What Argo CD counts among the objects of a live Application. Hooks come and go by themselves. */
export const resourcesOf = ({ status }: Manifest): readonly ObjectRef[] =>
  listAt(status, 'resources').flatMap((each) => {
    const [group, namespace] = [textAt(each, 'group') ?? '', textAt(each, 'namespace') ?? ''];
    const version = textAt(each, 'version') ?? 'v1';
    const apiVersion = group === '' ? version : `${group}/${version}`;
    const ref = { apiVersion, kind: textAt(each, 'kind') ?? '', name: textAt(each, 'name') ?? '' };
    return at(each, 'hook') === true ? [] : [{ ...ref, ...(namespace !== '' && { namespace }) }];
  });
