/** A bench with one real node among simulated ones, and `selfheal reboot` as an operator runs it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { MINIMAL_SPEC } from '../../support/clusters.js';
import { PROGRAM } from '../../support/program.js';
import type { Bench } from '../bench/bench.js';

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const { lamp } = MINIMAL_SPEC.nodes;

/** Two agents behind a server, with nothing described but short times. */
export const ATTIC = {
  ...MINIMAL_SPEC,
  nodes: { lamp, bulb: { ...lamp, role: 'agent', address: '192.0.2.8' } },
  reboots: { drainDeadline: '1min', bootDeadline: '2min', verifyDeadline: '2min', settle: '1s' },
};

export function describeIn(bench: Bench, spec: { readonly name: string }): string {
  const folder = join(bench.folder, 'description');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, `${spec.name}.json`), JSON.stringify(spec));
  return folder;
}

interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
}

/** Not synchronous: what stands in the cluster is looked at meanwhile. */
export function startReboot(bench: Bench, clusters: string, args: readonly string[]): Running {
  const words = ['reboot', '--context', 'bench', '--kubeconfig', bench.kubeconfig, '--clusters', clusters, ...args];
  const env = { PATH: '', HOME: bench.folder, SELFHEAL_BENCH: bench.folder };
  const child = spawn(process.execPath, [PROGRAM, ...words], { env });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (part) => {
    stdout += part;
  });
  child.stderr.on('data', (part) => {
    stderr += part;
  });
  const ended = new Promise<Outcome>((resolve) => {
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
  return { child, ended };
}
