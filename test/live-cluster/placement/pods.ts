/** Where the scheduler put pods, and why it put one nowhere. */
import type { Bench } from '../bench/bench.js';

export interface PlacedPod {
  readonly name: string;
  /** Empty while no node takes it. */
  readonly node: string;
  readonly ready: boolean;
  /** Why no node takes it, in the scheduler's words. */
  readonly reason: string;
}

/** Those that are not on their way out. */
export function podsOf(bench: Bench, namespace: string, selector: string): readonly PlacedPod[] {
  const asked = ['get', 'pods', `--namespace=${namespace}`, `--selector=${selector}`, '--output=json'];
  // What the API server prints of a list.
  const { items } = JSON.parse(bench.kubectl(asked)) as { readonly items: readonly LivePod[] };
  return items.filter(({ metadata }) => metadata.deletionTimestamp === undefined).map(placed);
}

/** The nodes that have a ready one, a node for each pod, in order. */
export const readyOn = (pods: readonly PlacedPod[]): readonly string[] =>
  pods
    .filter(({ ready }) => ready)
    .map(({ node }) => node)
    .sort();

interface LivePod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status?: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
  };
}

function placed({ metadata: { name }, spec: { nodeName = '' }, status }: LivePod): PlacedPod {
  const condition = (type: string) => status?.conditions?.find((found) => found.type === type);
  const scheduled = condition('PodScheduled');
  return {
    name,
    node: nodeName,
    ready: condition('Ready')?.status === 'True',
    reason: scheduled?.status === 'False' ? (scheduled.message ?? '') : '',
  };
}
