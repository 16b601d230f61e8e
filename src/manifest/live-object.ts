/**
 * What a live cluster answers, as plain data.
 *
 * Every question has three answers: what was found, that there is nothing, and that it cannot be told. The last one is
 * never read as the second.
 */
import type { Json, Manifest } from './manifest.js';

/** An object as an API server returns it. */
export interface LiveObject extends Manifest {
  readonly metadata: Manifest['metadata'] & {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation?: number;
    readonly creationTimestamp: string;
    readonly deletionTimestamp?: string;
    readonly finalizers?: readonly string[];
    readonly managedFields?: readonly ManagedFields[];
  };
}

/** Who set which fields, as the API server keeps it. */
// A type and not an interface: only a type can be read as JSON.
export type ManagedFields = {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  /** RFC 3339. */
  readonly time?: string;
  /** `status`, `scale`; none for the object itself. */
  readonly subresource?: string;
  readonly fieldsV1?: { readonly [key: string]: Json | undefined };
};

/** Why there is no answer. */
export interface Failure {
  /**
   * `unreachable`: no connection, or it broke. `timed-out`: no answer within the time. `unauthorized`: nobody we are.
   * `forbidden`: not allowed. `unknown-kind`: the server does not have this kind (its CRD is not installed).
   * `refused`: the server read the request and said no (invalid, admission). `conflict`: somebody else owns it.
   * `server`: it failed by itself (5xx, an answer that nobody can read).
   */
  readonly kind:
    | 'unreachable'
    | 'timed-out'
    | 'unauthorized'
    | 'forbidden'
    | 'unknown-kind'
    | 'refused'
    | 'conflict'
    | 'server';

  /** One line, without secrets: what was asked and what came back. */
  readonly message: string;
}

/** Nobody answered: what was asked may be told in a moment. */
export const isSilence = ({ kind }: Failure): boolean => kind === 'unreachable' || kind === 'timed-out';

export type Answer<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly failure: Failure };

/** Which object. */
export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string;
  readonly name: string;
}

/** How messages name it: `Deployment kube-system/coredns`. */
export const nameOf = ({ kind, namespace, name }: Omit<ObjectRef, 'apiVersion'>): string =>
  `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;

export const refOf = ({ apiVersion, kind, metadata: { namespace, name } }: Manifest): ObjectRef =>
  namespace === undefined ? { apiVersion, kind, name } : { apiVersion, kind, namespace, name };
