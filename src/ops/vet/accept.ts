/** What an operator means in spite of a rule. It is shown as accepted, never left out. */
import type { Parsed } from '../../cluster/parse/issue.js';
import { didYouMean, show } from '../../cluster/parse/issue.js';
import { type Finding, VET_RULES } from './index.js';

export interface Judged extends Finding {
  readonly isAccepted: boolean;
}

/** `RULE:OBJECT`, the object as findings name it, e.g. `removed-claim:PersistentVolumeClaim tools/data`. */
export function judge(findings: readonly Finding[], accepted: readonly string[]): Parsed<readonly Judged[]> {
  const keys = new Set(findings.map(keyOf));
  const ids = VET_RULES.map(({ id }) => id);
  const issues = accepted.flatMap((text) => {
    if (keys.has(text)) return [];
    const [rule = ''] = text.split(':');
    const near = findings.filter((finding) => finding.rule.id === rule).map(keyOf);
    const message = ids.includes(rule)
      ? `expected a finding (${near.length === 0 ? 'this rule has none' : near.map(show).join(', ')}), got ${show(text)}`
      : `expected RULE:OBJECT, got ${show(text)}${didYouMean(rule, ids)}`;
    return [{ path: '--accept', message }];
  });
  if (issues.length > 0) return { ok: false, issues };
  return {
    ok: true,
    value: findings.map((finding) => ({ ...finding, isAccepted: accepted.includes(keyOf(finding)) })),
  };
}

const keyOf = ({ rule, object }: Finding): string => `${rule.id}:${object}`;
