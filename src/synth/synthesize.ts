/** The whole way from parsed clusters to the files of `dist/`, without touching a disk. */
import type { Cluster } from '../cluster/cluster.js';
import type { Finding } from '../guardrails/guardrail.js';
import { checkGuardrails } from '../guardrails/index.js';
import type { LeftOut } from '../layers/available-rules.js';
import { type Files, layOut } from '../manifest/layout.js';
import { alertsOf, renderCluster } from './render.js';

export interface Synthesis {
  /** None where a guardrail is broken. */
  readonly files: Files;
  readonly findings: readonly Finding[];

  /** Alerts that were asked for and cannot be, by cluster; only where there is a Prometheus. */
  readonly leftOut: ReadonlyMap<string, readonly LeftOut[]>;
}

export function synthesize(clusters: readonly Cluster[]): Synthesis {
  const parts = clusters.map((cluster) => {
    const { groups, leftOut } = alertsOf(cluster);
    const objects = renderCluster(cluster, groups);
    return { cluster, objects, leftOut, findings: checkGuardrails({ cluster, objects }) };
  });
  const findings = parts.flatMap((part) => part.findings);
  const broken = findings.some(({ guardrail }) => guardrail.severity === 'error');
  return {
    files: new Map(broken ? [] : parts.flatMap(({ cluster, objects }) => [...layOut(cluster.name, objects)])),
    findings,
    leftOut: new Map(
      parts.flatMap(({ cluster, leftOut }) => (cluster.monitoring === null ? [] : [[cluster.name, leftOut]])),
    ),
  };
}
