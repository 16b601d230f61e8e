/** The homelab as described, synced by a bench's Argo CD, and `selfheal drift` as an operator runs it. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import homelabSpec from '../../../src/clusters/homelab.js';
import type { Report } from '../../../src/ops/drift/report.js';
import { synthesize } from '../../../src/synth/synthesize.js';
import { parsed } from '../../support/clusters.js';
import { PROGRAM } from '../../support/program.js';
import { type Bench, startBench } from '../bench/bench.js';
import { untilSynced } from '../support/applications.js';
import { applyByHand } from '../support/committed.js';
import { homelabWorld } from '../world/homelab.js';
import { nodesOf } from '../world/nodes.js';

/** Prometheus is there already: a chart cannot be pulled here, and its Application would never be in step. */
const SPEC = {
  ...homelabSpec,
  monitoring: { install: 'existing', namespace: 'monitoring', ruleLabels: { release: 'prometheus' } },
};

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class DescribedHomelab {
  readonly #folder: string;

  private constructor(readonly bench: Bench) {
    this.#folder = join(bench.folder, 'description');
  }

  static async start(): Promise<DescribedHomelab> {
    const cluster = parsed(SPEC);
    const bench = await startBench({ nodes: nodesOf(cluster), argo: true });
    try {
      const described = new DescribedHomelab(bench);
      described.write('homelab.json', { ...SPEC, gitops: { repoUrl: bench.repository.url } });
      homelabWorld(bench, cluster);
      const { files } = synthesize([parsed({ ...SPEC, gitops: { repoUrl: bench.repository.url } })]);
      const dist = new Map([...files].map(([path, text]) => [`dist/${path}`, text]));
      const revision = bench.repository.commit(dist, 'dist');
      applyByHand(bench, cluster, dist);
      const names = [...files].flatMap(([path, text]) =>
        /^homelab\/argocd\/application-/.test(path) ? [/^ {2}name: (.+)$/m.exec(text)?.[1] ?? path] : [],
      );
      await untilSynced(bench, names, revision);
      return described;
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  write(file: string, content: unknown): void {
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, file), JSON.stringify(content));
  }

  /** Not synchronous: what stands before the API server may live in this process. */
  async drift(args: readonly string[] = [], kubeconfig = this.bench.kubeconfig): Promise<Outcome> {
    const words = ['drift', '--context', 'bench', '--kubeconfig', kubeconfig, '--clusters', this.#folder, ...args];
    const env = { PATH: '', HOME: this.bench.folder, SELFHEAL_BENCH: this.bench.folder };
    const child = spawn(process.execPath, [PROGRAM, ...words], { env });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (part) => {
      stdout += part;
    });
    child.stderr.on('data', (part) => {
      stderr += part;
    });
    const status = await new Promise<number | null>((resolve) => child.on('close', resolve));
    return { status, stdout, stderr };
  }

  async report(kubeconfig = this.bench.kubeconfig): Promise<Report & { readonly exit: number | null }> {
    const { status, stdout, stderr } = await this.drift(['-o', 'json'], kubeconfig);
    if (stdout === '') throw new Error(`drift: expected a report, got status ${status}: ${stderr}`);
    return { ...(JSON.parse(stdout) as Report), exit: status };
  }

  /** Somebody who has the printed rights and no others. */
  async reader(): Promise<string> {
    const { stdout } = await this.drift(['--print-role']);
    this.bench.kubectl(['apply', '-f', '-'], stdout);
    const config = JSON.parse(readFileSync(this.bench.kubeconfig, 'utf8'));
    for (const { user } of config.users) Object.assign(user, { as: 'reader', 'as-groups': ['selfheal-drift'] });
    const file = join(this.bench.folder, 'kubeconfig-reader');
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }
}
