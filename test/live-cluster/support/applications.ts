/** What Argo CD says about its Applications. */
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Bench } from '../bench/bench.js';

/** As far as tests ask. */
interface ApplicationStatus {
  readonly name: string;
  /** `Synced`, `OutOfSync` or `Unknown`. */
  readonly sync: string;
  readonly health: string;
  /** The commit that it was compared with last. */
  readonly revision: string;
  /** Of the last operation: `Running`, `Succeeded`, `Failed`, `Error`; empty before the first. */
  readonly phase: string;
  readonly message: string;
  readonly retries: number;
  readonly finishedAt: string;
  /** To be compared anew, and it was not yet. */
  readonly isAsked: boolean;
  /** `<type>: <message>` */
  readonly conditions: readonly string[];
  /** `<kind> <namespace>/<name>` to `Synced` or `OutOfSync`. */
  readonly resources: ReadonlyMap<string, string>;
}

export function applicationsOf(bench: Bench): readonly ApplicationStatus[] {
  const text = bench.kubectl(['get', 'applications.argoproj.io', '--namespace=argocd', '--output=json']);
  // What the API server prints of a list.
  const { items } = JSON.parse(text) as { readonly items: readonly WithStatus[] };
  return items.map(statusOf);
}

/** Fails where there is none of that name. */
export function applicationOf(bench: Bench, name: string): ApplicationStatus {
  const found = bench.get('applications.argoproj.io', name, 'argocd');
  if (!found) throw new Error(`Application '${name}': expected in argocd, got none`);
  return statusOf(found as WithStatus);
}

/** Waits until each of these is synced with that commit, and its operation ended well. */
export async function untilSynced(bench: Bench, names: readonly string[], revision: string, seconds = 150) {
  return bench.until(
    `synced with ${revision.slice(0, 7)}: ${names.join(', ')}`,
    () => {
      const found = applicationsOf(bench).filter(({ name }) => names.includes(name));
      const late = found.filter(
        (app) => app.sync !== 'Synced' || app.revision !== revision || app.phase !== 'Succeeded',
      );
      if (found.length === names.length && late.length === 0) return found;
      throw new Error(late.map(inWords).join('\n') || `only ${found.map(({ name }) => name).join(', ')} are there`);
    },
    seconds,
  );
}

/** Waits until what each of these deploys runs. */
export async function untilHealthy(bench: Bench, names: readonly string[]): Promise<void> {
  await bench.until(`healthy: ${names.join(', ')}`, () => {
    const sick = applicationsOf(bench).filter(({ name, health }) => names.includes(name) && health !== 'Healthy');
    if (sick.length > 0) throw new Error(sick.map(({ name, health }) => `${name} ${health}`).join(', '));
    return true;
  });
}

/**
 * Has Argo CD read Git anew for each of these, and compared. It takes away the annotation that asked for it as it writes
 * down what it found: `reconciledAt` counts in whole seconds. A look that began before may take it away as well, so that
 * only the second answer is surely of now.
 */
export async function refreshAll(bench: Bench, names: readonly string[]): Promise<void> {
  for (const _ of ['perhaps of before', 'of now']) {
    for (const name of names) bench.refresh(name);
    await bench.until(`compared anew: ${names.join(', ')}`, () => {
      const late = applicationsOf(bench).filter(({ name, isAsked }) => names.includes(name) && isAsked);
      if (late.length > 0) throw new Error(`not yet: ${late.map(({ name }) => name).join(', ')}`);
      return true;
    });
  }
}

const inWords = ({ name, sync, revision, phase, message, conditions }: ApplicationStatus): string =>
  `${name} ${sync} with ${revision.slice(0, 7) || 'nothing'}, ${phase || 'no operation'}: ${[message, ...conditions].join('; ')}`;

interface WithStatus extends LiveObject {
  readonly status?: {
    readonly sync?: { readonly status?: string; readonly revision?: string };
    readonly health?: { readonly status?: string };
    readonly operationState?: {
      readonly phase?: string;
      readonly message?: string;
      readonly retryCount?: number;
      readonly finishedAt?: string;
    };
    readonly conditions?: readonly { readonly type: string; readonly message: string }[];
    readonly resources?: readonly {
      readonly kind: string;
      readonly namespace?: string;
      readonly name: string;
      readonly status?: string;
    }[];
  };
}

const statusOf = ({ metadata, status = {} }: WithStatus): ApplicationStatus => ({
  name: metadata.name,
  sync: status.sync?.status ?? '',
  health: status.health?.status ?? '',
  revision: status.sync?.revision ?? '',
  phase: status.operationState?.phase ?? '',
  message: status.operationState?.message ?? '',
  retries: status.operationState?.retryCount ?? 0,
  finishedAt: status.operationState?.finishedAt ?? '',
  isAsked: metadata.annotations?.['argocd.argoproj.io/refresh'] !== undefined,
  conditions: (status.conditions ?? []).map(({ type, message }) => `${type}: ${message}`),
  resources: new Map(
    (status.resources ?? []).map(({ kind, namespace = '', name, status: state = '' }) => [
      `${kind} ${namespace}/${name}`,
      state,
    ]),
  ),
});
