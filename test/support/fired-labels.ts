/** The labels with which each alert fires, as the cases and proofs below test/rules expect them of promtool. */
import { readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { PROOFS } from '../rules/proofs/all.js';
import { ALERTED, rulesOf } from './alerts.js';

type Labels = Readonly<Record<string, string>>;

interface Case {
  readonly promql_expr_test?: readonly { readonly exp_samples?: readonly { readonly labels: string }[] }[];
}

const RULES = new URL('../rules/', import.meta.url);

/** By alert: the labels of one that fires, without those that Prometheus adds for itself. */
export const firedLabels = (): ReadonlyMap<string, Labels> => new Map([...ofProofs(), ...ofCases()]);

function ofProofs(): readonly (readonly [string, Labels])[] {
  const rules = [...ALERTED.values()].flatMap((make) => rulesOf(make()));
  return PROOFS.map(({ alert, fires: [labels] }) => {
    const severity = rules.find((rule) => rule.alert === alert)?.labels?.severity ?? '';
    return [alert, { alertname: alert, severity, ...labels }];
  });
}

const ofCases = (): readonly (readonly [string, Labels])[] =>
  [...ALERTED.keys()]
    .flatMap((cluster) => readdirSync(new URL(cluster, RULES)).map((file) => `${cluster}/${file}`))
    .flatMap((file) => parse(readFileSync(new URL(file, RULES), 'utf8')).tests as readonly Case[])
    .flatMap(({ promql_expr_test = [] }) => promql_expr_test)
    .flatMap(({ exp_samples = [] }) => exp_samples.map(({ labels }) => labelsOf(labels)))
    .flatMap(({ alertstate: _, ...labels }) => (labels.alertname === undefined ? [] : [[labels.alertname, labels]]));

const labelsOf = (text: string): Labels =>
  Object.fromEntries([...text.matchAll(/(\w+)="([^"]*)"/g)].map(([, name, value]) => [name, value]));
