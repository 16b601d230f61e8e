/** A cluster as described, synced by a bench's Argo CD, and `selfheal drift` as an operator runs it. */
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../../src/cluster/cluster.js';
import homelabSpec from '../../../src/clusters/homelab.js';
import type { Files } from '../../../src/manifest/layout.js';
import type { Diagnosis } from '../../../src/ops/check/diagnosis.js';
import type { CheckResult } from '../../../src/ops/check/result.js';
import type { Report } from '../../../src/ops/drift/report.js';
import { synthesize } from '../../../src/synth/synthesize.js';
import { parsed } from '../../support/clusters.js';
import { PROGRAM } from '../../support/program.js';
import { type Bench, startBench } from '../bench/bench.js';
import { untilHealthy, untilSynced } from '../support/applications.js';
import { applyByHand } from '../support/committed.js';
import { hear, type Outcome } from '../support/hear.js';
import { homelabWorld } from '../world/homelab.js';
import { nodesOf } from '../world/nodes.js';

interface Description {
  /** What people write, the repository's address aside. */
  readonly spec: { readonly name: string; readonly gitops?: object };
  /** What is in the cluster before. */
  readonly world: (bench: Bench, cluster: Cluster) => void;
  /** Applications of external charts, which cannot be pulled here. @default none */
  readonly charts?: readonly string[];
}

/** Prometheus is there already: a chart cannot be pulled here, and its Application would never be in step. */
const HOMELAB_SPEC = {
  ...homelabSpec,
  monitoring: { install: 'existing', namespace: 'monitoring', ruleLabels: { release: 'prometheus' } },
};

export const HOMELAB: Description = { spec: HOMELAB_SPEC, world: homelabWorld };

export interface Checked {
  readonly results: readonly CheckResult[];
  readonly diagnosis: Diagnosis;
  readonly status: number | null;
}

export class DescribedCluster {
  readonly #folder: string;

  private constructor(
    readonly bench: Bench,
    readonly cluster: Cluster,
    /** Of the commit that was synced first. */
    readonly files: Files,
  ) {
    this.#folder = join(bench.folder, 'description');
  }

  static async start({ spec, world, charts = [] }: Description): Promise<DescribedCluster> {
    const bench = await startBench({ nodes: nodesOf(parsed(spec)), argo: true });
    try {
      const here = { ...spec, gitops: { ...spec.gitops, repoUrl: bench.repository.url } };
      const cluster = parsed(here);
      world(bench, cluster);
      const { files } = synthesize([cluster]);
      const dist = new Map([...files].map(([path, text]) => [`dist/${path}`, text]));
      const described = new DescribedCluster(bench, cluster, dist);
      described.write(`${cluster.name}.json`, here);
      const revision = bench.repository.commit(dist, 'dist');
      applyByHand(bench, cluster, dist);
      const synced = described.applications.filter((name) => !charts.includes(name));
      await untilSynced(bench, synced, revision);
      await untilHealthy(bench, synced);
      return described;
    } catch (error) {
      await bench.close();
      throw error;
    }
  }

  get applications(): readonly string[] {
    return [...this.files].flatMap(([path, text]) =>
      /\/argocd\/application-/.test(path) ? [/^ {2}name: (.+)$/m.exec(text)?.[1] ?? path] : [],
    );
  }

  write(file: string, content: unknown): void {
    mkdirSync(this.#folder, { recursive: true });
    writeFileSync(join(this.#folder, file), JSON.stringify(content));
  }

  /** Not synchronous: what stands before the API server may live in this process. */
  async run(verb: 'check' | 'drift', args: readonly string[], kubeconfig = this.bench.kubeconfig): Promise<Outcome> {
    const words = [verb, '--context', 'bench', '--kubeconfig', kubeconfig, '--clusters', this.#folder, ...args];
    const env = { PATH: '', HOME: this.bench.folder, SELFHEAL_BENCH: this.bench.folder };
    const child = spawn(process.execPath, [PROGRAM, ...words], { env });
    return hear(child).ended;
  }

  drift(args: readonly string[] = [], kubeconfig?: string): Promise<Outcome> {
    return this.run('drift', args, kubeconfig);
  }

  /** `selfheal check` as a program reads it. */
  async checked(args: readonly string[] = [], kubeconfig?: string): Promise<Checked> {
    const { status, stdout, stderr } = await this.run('check', ['-o', 'json', ...args], kubeconfig);
    if (stdout === '') throw new Error(`check: expected a report, got status ${status}: ${stderr}`);
    // What the program prints.
    return { ...(JSON.parse(stdout) as Omit<Checked, 'status'>), status };
  }

  async report(
    kubeconfig = this.bench.kubeconfig,
    args: readonly string[] = [],
  ): Promise<Report & { readonly exit: number | null }> {
    const { status, stdout, stderr } = await this.drift(['-o', 'json', ...args], kubeconfig);
    if (stdout === '') throw new Error(`drift: expected a report, got status ${status}: ${stderr}`);
    return { ...(JSON.parse(stdout) as Report), exit: status };
  }

  /** Somebody who has the printed rights and no others; `role` takes some away. */
  async reader(role = (text: string): string => text): Promise<string> {
    const { stdout } = await this.drift(['--print-role']);
    this.bench.kubectl(['apply', '-f', '-'], role(stdout));
    const config = JSON.parse(readFileSync(this.bench.kubeconfig, 'utf8'));
    for (const { user } of config.users) Object.assign(user, { as: 'reader', 'as-groups': ['selfheal-drift'] });
    const file = join(this.bench.folder, 'kubeconfig-reader');
    writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
    return file;
  }
}
