/** The labels with which each alert fires, as the cases below test/rules expect them of promtool. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { ALERTED } from './alerts.js';

type Labels = Readonly<Record<string, string>>;

interface Case {
  readonly promql_expr_test?: readonly { readonly exp_samples?: readonly { readonly labels: string }[] }[];
}

const RULES = new URL('../rules/', import.meta.url);

/** By alert: the labels of one that fires, without those that Prometheus adds for itself. */
export function firedLabels(): ReadonlyMap<string, Labels> {
  const fired = [...ALERTED.keys()]
    .flatMap((cluster) => readdirSync(new URL(cluster, RULES)).map((file) => `${cluster}/${file}`))
    .flatMap((file) => parse(readFileSync(new URL(file, RULES), 'utf8')).tests as readonly Case[])
    .flatMap(({ promql_expr_test = [] }) => promql_expr_test)
    .flatMap(({ exp_samples = [] }) => exp_samples.map(({ labels }) => labelsOf(labels)))
    .filter((labels) => labels.alertname !== undefined);
  return new Map(fired.map(({ alertstate: _, ...labels }) => [labels.alertname ?? '', labels]));
}

const labelsOf = (text: string): Labels =>
  Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
