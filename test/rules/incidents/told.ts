/** Who is told of what fires: one message for each alert and node, without what another alert silences. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { applicable, type Inhibition, inhibitions, type Side } from '../../../src/layers/alerts/inhibitions.js';
import { alertNames } from '../../support/alerts.js';
import type { Firing } from '../world/fired.js';

/** Of a severity, each once, as `alert on node` or `alert`, in the order in which they come. */
export function told(cluster: Cluster, firings: readonly Firing[], severity: string): readonly string[] {
  const entries = applicable(inhibitions(cluster), new Set(alertNames(cluster)));
  const sent = firings.filter(
    (firing) => firing.labels.severity === severity && !firings.some((other) => hides(entries, other, firing)),
  );
  return [...new Set(sent.map(({ alert, labels: { node } }) => (node === undefined ? alert : `${alert} on ${node}`)))];
}

/** It is there when the other begins, and outlives it: what comes earlier, or stays, is sent. */
const hides = (entries: readonly Inhibition[], source: Firing, target: Firing): boolean =>
  source.from <= target.from &&
  source.to >= target.to &&
  entries.some(
    (entry) =>
      isOf(entry.source, source) &&
      isOf(entry.target, target) &&
      entry.equal.every((label) => source.labels[label] !== undefined && source.labels[label] === target.labels[label]),
  );

const isOf = ({ alerts, where = {} }: Side, { alert, labels }: Firing): boolean =>
  alerts.includes(alert) && Object.entries(where).every(([label, values]) => values.includes(labels[label] ?? ''));
