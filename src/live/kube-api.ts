/** What a verb may ask of a live cluster: it reads, and it asks what an apply would do. Nothing here changes anything. */
import type { Duration } from '../cluster/duration.js';
import type { Answer, LiveObject, ObjectRef } from '../manifest/live-object.js';
import type { Manifest } from '../manifest/manifest.js';

export interface KubeApi {
  /** As the kubeconfig names it. */
  readonly context: string;

  /** The API server's address, for messages. */
  readonly server: string;

  /** Null: the server says that there is none. */
  readonly get: (ref: ObjectRef) => Promise<Answer<LiveObject | null>>;

  /** All of a kind, in every namespace unless one is given. Never a part of them: a page that is lost is a failure. */
  readonly list: (kind: KindRef, options?: ListOptions) => Promise<Answer<readonly LiveObject[]>>;

  /** What a forced server-side apply would make of the object, admission included. */
  readonly dryRunApply: (manifest: Manifest, options: { readonly fieldManager: string }) => Promise<Answer<DryRun>>;

  /** E.g. `v1.34.4+k3s1`. */
  readonly version: () => Promise<Answer<string>>;

  /**
   * What a container wrote, the newest lines last, each behind its own time stamp (RFC 3339).
   *
   * Never a part without a word: more than a megabyte is a failure, and so is what the kubelet says in the log's place.
   */
  readonly log: (
    pod: { readonly namespace: string; readonly name: string },
    options: LogOptions,
  ) => Promise<Answer<string>>;

  /** What the API server's own clock shows, in milliseconds since 1970; to the second. This machine's is never asked. */
  readonly now: () => Promise<Answer<number>>;

  /** How the server names a kind, and where its objects live. Asked once a run. */
  readonly resource: (kind: KindRef) => Promise<Answer<Resource>>;

  /** Ends the connections; without it they end with the process. */
  readonly close: () => void;
}

export interface KindRef {
  readonly apiVersion: string;
  readonly kind: string;
}

export interface ListOptions {
  /** @default every namespace */
  readonly namespace?: string;

  /** As the API writes it: `app=a,tier!=b`. @default every object */
  readonly labelSelector?: string;
}

interface LogOptions {
  readonly container: string;

  /** So many of the newest. @default all that are kept */
  readonly tailLines?: number;

  /** None that are older. @default all that are kept */
  readonly sinceSeconds?: number;
}

export interface DryRun {
  /** The object as it would be. */
  readonly object: LiveObject;

  /** There is none yet; an apply would make it. */
  readonly created: boolean;

  /** What the server would tell whoever applies it: unknown fields, deprecated versions. */
  readonly warnings: readonly string[];
}

export interface Resource {
  /** E.g. `deployments`. */
  readonly plural: string;
  readonly namespaced: boolean;
}

export interface ConnectOptions {
  /** Always named, so that no verb ever speaks to the cluster that happens to be current. */
  readonly context: string;

  /** Files, separated as in the variable KUBECONFIG; what an earlier one says counts. */
  readonly kubeconfig: string;

  /** The longest that one question may take, its repetitions included. */
  readonly timeout: Duration;

  /** Of the process: a plug-in of the kubeconfig that gives credentials gets it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}
