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
  return items.filter(staying).map(placed);
}

const staying = ({ metadata }: LivePod): boolean => metadata.deletionTimestamp === undefined;

/** What the pods were after each single change since then: the API server keeps them all. */
export async function statesSince(
  bench: Bench,
  namespace: string,
  selector: string,
  { resourceVersion, pods }: Moment,
): Promise<readonly (readonly PlacedPod[])[]> {
  const query = `watch=1&timeoutSeconds=1&resourceVersion=${resourceVersion}&labelSelector=${encodeURIComponent(selector)}`;
  const { status, text } = await bench.send('GET', `/api/v1/namespaces/${namespace}/pods?${query}`);
  if (status !== 200) throw new Error(`watch of ${namespace} ${selector}: expected 200, got ${status} ${text}`);
  const here = new Map(pods.map((pod) => [pod.metadata.name, pod]));
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      // A line of a watch.
      const { type, object } = JSON.parse(line) as { readonly type: string; readonly object: LivePod };
      if (type === 'DELETED') here.delete(object.metadata.name);
      else here.set(object.metadata.name, object);
      return [...here.values()].filter(staying).map(placed);
    });
}

export interface Moment {
  readonly resourceVersion: string;
  readonly pods: readonly LivePod[];
}

export async function now(bench: Bench, namespace: string, selector: string): Promise<Moment> {
  const query = `labelSelector=${encodeURIComponent(selector)}`;
  const { text } = await bench.send('GET', `/api/v1/namespaces/${namespace}/pods?${query}`);
  // What the API server answers to a list.
  const { metadata, items } = JSON.parse(text) as {
    readonly metadata: { readonly resourceVersion: string };
    readonly items: readonly LivePod[];
  };
  return { resourceVersion: metadata.resourceVersion, pods: items };
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
