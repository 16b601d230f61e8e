/** The recorded answers of the exporters (test/fixtures/metrics), and what a scrape adds to them. */
import { readdirSync, readFileSync } from 'node:fs';

interface Sample {
  readonly metric: string;
  readonly labels: ReadonlyMap<string, string>;
}

interface Recording {
  /** As METRIC_SOURCES names it; `selfheal` for the files that our own scripts leave for node_exporter. */
  readonly exporter: string;
  readonly version: string;
  readonly file: string;
  readonly samples: readonly Sample[];
}

const FOLDER = new URL('../fixtures/metrics/', import.meta.url);

const POD = ['job', 'instance', 'namespace', 'pod', 'container', 'endpoint', 'service'];

/**
 * What the Prometheus Operator puts on every sample of a target, where the exporter has no such label itself.
 * A node's kubelet gets `node` from the address that the operator keeps for it; node_exporter is a pod and gets none.
 */
const SCRAPED: Readonly<Record<string, readonly string[]>> = {
  node_exporter: POD,
  selfheal: POD,
  // Scraped with honorLabels: of the pod that answers, only these say anything.
  'kube-state-metrics': ['job', 'instance'],
  kubelet: ['job', 'instance', 'node', 'metrics_path'],
  'kube-apiserver': ['job', 'instance'],
  'longhorn-manager': POD,
  // By our own Probes: instance and node are the node's name, probe says which question was asked.
  blackbox_exporter: ['job', 'instance', 'node', 'probe'],
};

export const recordings = (): readonly Recording[] =>
  readdirSync(FOLDER)
    .filter((file) => file.endsWith('.prom'))
    .map((file) => {
      const [, exporter = '', version = ''] = /^(.+?)(?:-([\d.]+))?\.prom$/.exec(file) ?? [];
      return { exporter, version, file, samples: samplesOf(readFileSync(new URL(file, FOLDER), 'utf8')) };
    });

/** The samples of a text in Prometheus' exposition format. */
const samplesOf = (text: string): readonly Sample[] =>
  text.split('\n').flatMap((line) => {
    const [, metric, labels = ''] = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})? \S+$/.exec(line) ?? [];
    if (metric === undefined) return [];
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(
      ([, name = '', value = '']) => [name, value] as const,
    );
    return [{ metric, labels: new Map(pairs) }];
  });

export function scraped(exporter: string): readonly string[] {
  const labels = SCRAPED[exporter];
  if (labels === undefined) throw new Error(`exporter '${exporter}': expected a line in SCRAPED, got none`);
  return labels;
}
