/** What all results of a check that passed say together. */
import { listed } from '../words.js';
import type { CheckResult } from './result.js';

export const saidOfAll = (results: readonly CheckResult[]): string => {
  const [only, ...more] = results;
  if (only !== undefined && more.length === 0) return only.found;
  return listed(results.map(({ subject }) => subject));
};
