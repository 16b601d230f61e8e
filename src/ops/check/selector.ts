/** Whether a label selector means an object. */
import { expressionsAt, meets, pairsAt } from '../../guardrails/label-requirement.js';
import { type Field, isObject } from '../../manifest/json.js';

/**
 * As policy/v1 and apps/v1 have it: an empty selector means everything, none means nothing. An operator that nobody
 * knows is taken for met: who must not be disturbed is rather one too many.
 */
export const selects = (selector: Field, labels: Readonly<Record<string, string>> = {}): boolean =>
  isObject(selector) &&
  [...pairsAt(selector, 'matchLabels'), ...expressionsAt(selector, 'matchExpressions')].every(
    (requirement) => meets(labels[requirement.key], requirement) !== false,
  );
