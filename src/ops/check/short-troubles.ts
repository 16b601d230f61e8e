/** What is wrong or cannot be told, in a line each: for a plan, and for why a roll stops, which stands on a node and in a message. */
import { listed } from '../words.js';
import { grouped } from './grouped.js';
import { namesOf } from './report.js';
import { type CheckResult, inWords } from './result.js';

/** Of results that did not pass. What is said of several things, or to several checks, in the same words is said once. */
export function shortTroubles(results: readonly CheckResult[]): readonly string[] {
  const alike = grouped(results, (result) =>
    JSON.stringify([result.verdict === 'unknown' ? '' : result.check, result.verdict, inWords(result)]),
  );
  return alike.flatMap(([, group]) => {
    const [first] = group;
    if (first === undefined) return [];
    const words = inWords(first);
    const subjects = [...new Set(group.map(({ subject }) => subject))];
    const isNamed = subjects.length === 1 && words.includes(first.subject);
    const about = namesOf(group).length > 1 && subjects.length > 1 ? [] : [listed(subjects)];
    return [[listed(namesOf(group)), ...(isNamed ? [] : about), words].join(': ')];
  });
}
