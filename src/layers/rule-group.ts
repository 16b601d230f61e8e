/** Prometheus rules as plain data, independent of how they reach the cluster. */
import type { Duration } from '../cluster/duration.js';

type Severity = 'critical' | 'warning' | 'info';

export interface AlertRule {
  readonly kind: 'alert';

  /** CamelCase, subject first: `BackupCronJobStale`. Its runbook is `docs/runbooks/<name in lower case>.md`. */
  readonly name: string;

  readonly expr: string;

  /** How long the expression must hold. `null` fires at once. */
  readonly for: Duration | null;
  readonly severity: Severity;

  /** One sentence without templating. */
  readonly summary: string;

  /** What is affected and what to look at first; may use `{{ $labels }}` and `{{ $value }}`. */
  readonly description: string;
}

export interface RecordingRule {
  readonly kind: 'record';

  /** `level:metric:operation`. */
  readonly name: string;
  readonly expr: string;
}

export interface RuleGroup {
  /** Dotted, begins with the layer: `selfheal.backup`. */
  readonly name: string;
  readonly rules: readonly (AlertRule | RecordingRule)[];
}

/** The layer's group, or nothing where no rule applies. */
export const ruleGroups = (layer: string, rules: RuleGroup['rules']): readonly RuleGroup[] =>
  rules.length === 0 ? [] : [{ name: `${GROUP_PREFIX}${layer}`, rules }];

/** The layer that a group belongs to. */
export const layerOf = ({ name }: RuleGroup): string => name.slice(GROUP_PREFIX.length);

const GROUP_PREFIX = 'selfheal.';
