/**
 * What `selfheal reboot --apply` may do to a live cluster. No other verb gets it.
 *
 * Nothing here is ever sent twice once it may have arrived, and everything says which state of which object it is about:
 * whoever acts on what has changed meanwhile hears of it and changes nothing.
 */
import type { Answer, LiveObject, ObjectRef } from '../manifest/live-object.js';
import type { Json, Manifest } from '../manifest/manifest.js';
import type { KubeApi } from './kube-api.js';

/** A cluster that may be asked and changed. */
export interface ActingKubeApi extends KubeApi {
  readonly actions: KubeActions;
}

export interface KubeActions {
  /** Failure `conflict`: there is one of this name already. */
  readonly create: (manifest: Manifest) => Promise<Written<LiveObject>>;

  /** Compare and swap: the whole object, as it was read but for the change. Failure `conflict`: it changed meanwhile, or is gone. */
  readonly replace: (object: LiveObject) => Promise<Written<LiveObject>>;

  /** A JSON merge patch; null takes a field away. Failure `conflict`: the object changed meanwhile, or is gone. */
  readonly merge: (ref: ObjectRef, patch: MergePatch, guard: StateGuard) => Promise<Written<LiveObject>>;

  /** `evicted`: the pod is being stopped, and may take its grace period for that. `gone`: no such pod, or another of its name. */
  readonly evict: (pod: PodIdentity, options?: EvictOptions) => Promise<Written<'evicted' | 'gone' | Held>>;

  /**
   * `removed`: accepted; finalizers may keep it for a while. `gone`: no such object, or another of its name.
   * With a resourceVersion, failure `conflict`: it changed meanwhile.
   */
  readonly remove: (
    ref: ObjectRef,
    guard: IdentityGuard & Partial<StateGuard>,
    options?: RemoveOptions,
  ) => Promise<Written<'removed' | 'gone'>>;
}

/**
 * What became of a write.
 *
 * `lost` is no failure of the write: it was sent and what became of it is not known. Read the object again.
 */
export type Written<T> =
  | Answer<T>
  | { readonly ok: false; readonly failure: { readonly kind: 'lost'; readonly message: string } };

type MergePatch = Readonly<Record<string, Json>>;

interface StateGuard {
  readonly resourceVersion: string;
}

interface IdentityGuard {
  readonly uid: string;
}

export interface PodIdentity extends IdentityGuard {
  readonly namespace: string;
  readonly name: string;
}

/** A budget, or more than one, does not let the pod go now. */
export interface Held {
  /** The server's words: which budget, how many healthy pods it needs and how many there are. */
  readonly held: string;
}

export interface EvictOptions {
  /** @default the pod's own */
  readonly gracePeriodSeconds?: number;
}

interface RemoveOptions {
  /** Whether what the object owns goes after it, before it, or stays. @default Background */
  readonly propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';

  /** @default the object's own */
  readonly gracePeriodSeconds?: number;
}
