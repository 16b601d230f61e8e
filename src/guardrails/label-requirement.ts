/** One line of a label selector, whether it chooses nodes or pods. */
import { type Field, fieldsAt, listAt, textAt, textsAt } from '../manifest/json.js';

export interface LabelRequirement {
  readonly key: string;
  readonly operator: string;
  readonly values: readonly string[];
}

/** The expressions of a selector, as in `matchExpressions`. */
export const expressionsAt = (selector: Field, ...path: readonly string[]): readonly LabelRequirement[] =>
  listAt(selector, ...path).map((expression) => ({
    key: textAt(expression, 'key') ?? '',
    operator: textAt(expression, 'operator') ?? '',
    values: textsAt(expression, 'values'),
  }));

/** The pairs of a selector, as in `matchLabels` and `nodeSelector`. */
export const pairsAt = (selector: Field, ...path: readonly string[]): readonly LabelRequirement[] =>
  fieldsAt(selector, ...path).map(([key, value]) => ({ key, operator: 'In', values: [String(value)] }));

/** Whether a label's value, undefined where there is no such label, is what is required; undefined: cannot tell. */
export function meets(value: string | undefined, { operator, values }: LabelRequirement): boolean | undefined {
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return undefined;
  }
}
