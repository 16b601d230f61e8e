/** What all results of a check that passed say together. */
import { listed } from '../words.js';
import type { CheckResult } from './result.js';

export const saidOfAll = (results: readonly CheckResult[]): string => {
  const [only, ...more] = results;
  const subjects = listed(results.map(({ subject }) => subject));
  // What is said of all hosts names them; what is said of some, as that a reboot waits, has to be said of whom.
  if (results.every(({ subject }) => subject.startsWith('host '))) {
    const words = more.length === 0 ? results : results.map(({ found }) => ({ found: found.replace(/: .*$/, '') }));
    return `${subjects}: ${listed([...new Set(words.map(({ found }) => found))])}`;
  }
  return only !== undefined && more.length === 0 ? only.found : subjects;
};
