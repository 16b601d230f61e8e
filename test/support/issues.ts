/** The issues of a parser as a person reads them, a line each. */
import { parseCluster } from '../../src/cluster/parse/cluster.js';
import type { Parsed } from '../../src/cluster/parse/issue.js';

export const issuesOf = (parsed: Parsed<unknown>): readonly string[] =>
  parsed.ok ? [] : parsed.issues.map(({ path, message }) => `${path}: ${message}`);

export const issuesOfSpec = (spec: unknown): readonly string[] => issuesOf(parseCluster(spec));
