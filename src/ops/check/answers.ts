/** What checks answer from facts: each is shown only what it asks for, and saying nothing is no answer. */
import type { CheckFacts, HealthCheck } from './facts.js';
import type { CheckResult } from './result.js';
import { saying } from './saying.js';

export const answersOf = (checks: readonly HealthCheck[], facts: CheckFacts): readonly CheckResult[] =>
  checks.flatMap((check) => {
    const results = check.answer(shownTo(check, facts));
    return results.length > 0 ? results : [saying(check.id).unknown(`cluster ${facts.cluster.name}`, NOTHING)];
  });

const NOTHING = 'it found nothing to look at';

function shownTo({ id, asks }: HealthCheck, facts: CheckFacts): CheckFacts {
  const refuse = (name: string): never => {
    throw new Error(`check '${id}': expected ${name} among what it asks for, got ${asks.join(', ')}`);
  };
  return {
    ...facts,
    of: (name) => (asks.includes(name) ? facts.of(name) : refuse(name)),
    host: (node) => (asks.includes('hostReports') ? facts.host(node) : refuse('hostReports')),
    described: asks.includes('described') ? facts.described : [],
    patched: asks.includes('patched') ? facts.patched : [],
  };
}
