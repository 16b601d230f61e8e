/** What drift says: findings, what could not be told, and what was not looked at. */
import type { Json } from '../../manifest/manifest.js';
import type { Writer } from './field-owners.js';

export type FindingId =
  | 'application-missing'
  | 'application-failed'
  | 'application-cannot-compare'
  | 'application-retrying'
  | 'application-behind'
  | 'application-condition'
  | 'auto-sync-off'
  | 'finalizer-added'
  | 'patch-lost'
  | 'patch-blocked'
  | 'protection-missing'
  | 'object-missing'
  | 'object-being-deleted'
  | 'object-cannot-be-applied'
  | 'object-not-tracked'
  | 'object-out-of-sync'
  | 'object-left-over'
  | 'object-not-described'
  | 'field-changed'
  | 'field-added'
  | 'host-drifted'
  | 'host-refused'
  | 'host-content-old'
  | 'node-missing'
  | 'node-not-described';

export interface FieldDifference {
  /** Empty for the object as a whole. */
  readonly path: string;
  /** Undefined: the description does not have it. */
  readonly described: Json | undefined;
  /** Undefined: the cluster does not have it. */
  readonly live: Json | undefined;
  /** Null: nobody is on record. */
  readonly writer: Writer | null;
}

export interface Finding {
  readonly id: FindingId;
  /** `Deployment kube-system/coredns`, `node ultron`. */
  readonly subject: string;
  /** The Application that syncs it. */
  readonly application: string | null;
  readonly what: string;
  readonly fields: readonly FieldDifference[];
  /** What Argo CD will do about it. */
  readonly argo: string | null;
  /** What to do: a command, or a sentence. */
  readonly next: readonly string[];
}

export interface Unknown {
  readonly subject: string;
  readonly why: string;
}

export interface Said {
  readonly findings: readonly Finding[];
  readonly unknown: readonly Unknown[];
}

export const findingsOnly = (...findings: readonly Finding[]): Said => ({ findings, unknown: [] });

export const unknownOnly = (subject: string, why: string): Said => ({ findings: [], unknown: [{ subject, why }] });

export interface Report {
  readonly cluster: string;
  readonly findings: readonly Finding[];
  readonly unknown: readonly Unknown[];
  /** Applications whose objects nobody rendered, with the reason. */
  readonly notLookedAt: readonly { readonly application: string; readonly why: string }[];
  readonly looked: { readonly objects: number; readonly applications: number; readonly hosts: number };
  /** Objects whose drift was worked out here instead of asked of the server. */
  readonly predicted: number;
}

/** 1 where something drifted, whatever else could not be told; 0 only where everything could be told. */
export const statusOf = ({ findings, unknown }: Report): 0 | 1 | 2 =>
  findings.length > 0 ? 1 : unknown.length > 0 ? 2 : 0;
