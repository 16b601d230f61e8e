/** A lesson as a check over the finished objects and the cluster. */
import type { Cluster } from '../cluster/cluster.js';
import type { PlacedManifest } from '../manifest/manifest.js';
import type { Inspection } from './inspection.js';

export interface GuardrailInput {
  readonly cluster: Cluster;
  readonly objects: readonly PlacedManifest[];
}

/** Where a rule is broken and how to mend it. */
export interface Violation {
  /** The object or the place in the description, e.g. `CronJob kube-system/local-path-backup`. */
  readonly where: string;

  /** What was expected and what was found. */
  readonly found: string;

  /** The change that answers it. */
  readonly mend: string;
}

export interface Guardrail {
  /** Kebab-case; the name of its file and its heading in docs/guardrails.md. */
  readonly id: string;

  /** An error stops the synth before anything is written; a warning is printed. */
  readonly severity: 'error' | 'warning';

  /** What happened when nobody checked: one sentence. */
  readonly lesson: string;

  /** The heading in docs/incidents.md that tells it, e.g. `nov-13`. */
  readonly incident: string;

  readonly check: (inspection: Inspection) => readonly Violation[];
}

export interface Finding extends Violation {
  readonly cluster: string;
  readonly guardrail: Guardrail;
}
