/** kubectl against one cluster, as one identity. */
import { spawnSync } from 'node:child_process';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { pathOf } from './tools.js';

export interface Outcome {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Kubectl {
  readonly run: (args: readonly string[], input?: string) => Outcome;
  /** Answers what kubectl prints; throws what it says when it fails. */
  readonly kubectl: (args: readonly string[], input?: string) => string;
  /** As that field manager; server-side with force, or else as a plain `kubectl apply`. */
  readonly apply: (manifests: readonly Manifest[], how: { manager: string; serverSide?: boolean }) => void;
  readonly get: (kind: string, name: string, namespace?: string) => LiveObject | undefined;
}

export function kubectlFor(settings: { kubeconfig: string; context: string; folder: string }): Kubectl {
  const { kubeconfig, context, folder } = settings;
  const run = (args: readonly string[], input?: string): Outcome => {
    const { status, stdout, stderr, error } = spawnSync(pathOf('kubectl'), [`--context=${context}`, ...args], {
      input,
      encoding: 'utf8',
      timeout: 60_000,
      maxBuffer: 256 << 20,
      env: { PATH: process.env.PATH, HOME: folder, KUBECONFIG: kubeconfig, SELFHEAL_BENCH: folder },
    });
    if (error) throw new Error(`kubectl ${args.join(' ')}: ${error.message}`, { cause: error });
    return { status: status ?? 1, stdout, stderr };
  };
  const kubectl = (args: readonly string[], input?: string): string => {
    const { status, stdout, stderr } = run(args, input);
    if (status !== 0) throw new Error(`kubectl ${args.join(' ')}: ended with ${status}: ${stderr.trim()}`);
    return stdout;
  };
  return {
    run,
    kubectl,
    apply: (manifests, { manager, serverSide = false }) => {
      const how = serverSide ? ['--server-side', '--force-conflicts'] : [];
      const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: manifests });
      kubectl(['apply', ...how, `--field-manager=${manager}`, '--filename=-'], list);
    },
    get: (kind, name, namespace) => {
      const where = namespace === undefined ? [] : [`--namespace=${namespace}`];
      const how = ['--ignore-not-found', '--output=json', '--show-managed-fields'];
      const text = kubectl(['get', kind, name, ...where, ...how]);
      // What the API server says of one object.
      return text === '' ? undefined : (JSON.parse(text) as LiveObject);
    },
  };
}
