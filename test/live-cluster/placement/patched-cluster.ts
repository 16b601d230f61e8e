/** A cluster with its patches on, as Argo CD leaves them, and what a person does to its nodes and Deployments. */
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { Bench } from '../bench/bench.js';
import { now, type PlacedPod, podsOf, statesSince } from './pods.js';

/** By the manager and in the way of Argo CD, without it: who writes does not matter to the scheduler. */
export function patch(bench: Bench, manifests: readonly Manifest[]): void {
  const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
  bench.kubectl(
    ['apply', '--server-side', '--force-conflicts', '--field-manager=argocd-controller', '--validate=false', '-f', '-'],
    list,
  );
}

export interface Workload {
  readonly namespace: string;
  readonly name: string;
  readonly selector: string;
}

/** Until all pods of the newest revision are there, or wait for a node as `expected` says. */
export const settled = (
  bench: Bench,
  { namespace, name, selector }: Workload,
  expected: (pods: readonly PlacedPod[]) => boolean,
): Promise<readonly PlacedPod[]> =>
  bench.until(`${name} has settled`, () => {
    const pods = podsOf(bench, namespace, selector);
    if (!expected(pods)) throw new Error(JSON.stringify(pods));
    return pods;
  });

/** Rolls the Deployment out, and answers what its pods were after each single change. */
export async function rollOut(bench: Bench, workload: Workload): Promise<readonly (readonly PlacedPod[])[]> {
  const { namespace, name, selector } = workload;
  const before = await now(bench, namespace, selector);
  const old = podsOf(bench, namespace, selector).map((pod) => pod.name);
  bench.kubectl(['rollout', 'restart', 'deployment', name, `--namespace=${namespace}`]);
  const isNew = (pods: readonly PlacedPod[]): boolean =>
    pods.length === old.length && pods.every((pod) => pod.ready && !old.includes(pod.name));
  await settled(bench, workload, isNew);
  return bench.until('the watch tells of each change to the last one', async () => {
    const states = await statesSince(bench, namespace, selector, before);
    return isNew(states.at(-1) ?? []) ? states : undefined;
  });
}

export const cordon = (bench: Bench, node: string): string => bench.kubectl(['cordon', node]);
export const uncordon = (bench: Bench, node: string): string => bench.kubectl(['uncordon', node]);

/** As a drain does: its pods must go elsewhere. */
export function deletePodsOn(bench: Bench, { namespace, selector }: Workload, node: string): void {
  const onNode = [`--selector=${selector}`, `--field-selector=spec.nodeName=${node}`];
  bench.kubectl(['delete', 'pods', `--namespace=${namespace}`, ...onNode, '--wait']);
}
