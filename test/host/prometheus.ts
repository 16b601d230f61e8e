/** Debian's Prometheus with the rules of a cluster as they stand in dist/. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse, stringify } from 'yaml';
import { freeAddress, LoopbackServer } from './loopback-server.js';

/** Another folder of rules can be tried before it is committed. */
export const ALERTS = process.env.HOST_ALERTS ?? fileURLToPath(new URL('../../dist/homelab/alerts', import.meta.url));

/** A real one asks twice a minute; the rules' own windows and `for` are as they stand. */
const EVERY = '1s';

export interface Target {
  readonly job: string;
  readonly address: string;
  readonly labels?: Readonly<Record<string, string>>;
}

export interface Rule {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly state?: 'inactive' | 'pending' | 'firing';
  readonly health: string;
  readonly lastError?: string;
}

export class Prometheus extends LoopbackServer {
  static async at(targets: readonly Target[], alertmanager: string): Promise<Prometheus> {
    const prometheus = new Prometheus(await freeAddress());
    const { folder } = prometheus;
    mkdirSync(join(folder, 'rules'));
    for (const file of readdirSync(ALERTS).filter((name) => name.startsWith('prometheusrule-')))
      writeFileSync(join(folder, 'rules', file), stringify(parse(readFileSync(join(ALERTS, file), 'utf8')).spec));
    const config = {
      global: { scrape_interval: EVERY, scrape_timeout: EVERY, evaluation_interval: EVERY },
      rule_files: ['rules/*.yaml'],
      alerting: { alertmanagers: [{ static_configs: [{ targets: [alertmanager] }] }] },
      scrape_configs: targets.map(({ job, address, labels = {} }) => ({
        job_name: `${job} ${address}`,
        honor_labels: job === 'kube-state-metrics',
        static_configs: [{ targets: [address], labels: { job, ...labels } }],
      })),
    };
    // JSON is YAML.
    writeFileSync(join(folder, 'config'), JSON.stringify(config));
    await prometheus.start(
      [
        'prometheus',
        '--config.file=config',
        '--storage.tsdb.path=data',
        `--web.listen-address=${prometheus.address}`,
        '--log.level=warn',
      ],
      '/-/ready',
    );
    return prometheus;
  }

  /** The value of an expression that gives one series, now; undefined where it gives none. */
  async value(expression: string): Promise<number | undefined> {
    const answer = await this.get(`/api/v1/query?query=${encodeURIComponent(expression)}`);
    const [first, second] = (answer as { data: { result: readonly { value: readonly [number, string] }[] } }).data
      .result;
    if (second !== undefined) throw new Error(`query '${expression}': expected one series, got several`);
    return first && Number(first.value[1]);
  }

  /** Every rule as Prometheus has read and last evaluated it. */
  async rules(): Promise<readonly Rule[]> {
    const answer = await this.get('/api/v1/rules');
    return (answer as { data: { groups: readonly { rules: readonly Rule[] }[] } }).data.groups.flatMap(
      ({ rules }) => rules,
    );
  }

  async rule(alert: string): Promise<Rule> {
    const rule = (await this.rules()).find(({ name }) => name === alert);
    if (rule === undefined) throw new Error(`rules of '${ALERTS}': expected ${alert}, it is not there`);
    return rule;
  }
}
