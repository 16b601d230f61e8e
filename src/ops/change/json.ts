/** A report for programs; docs/diff.md describes the shape. */
import type { Report } from './report.js';

/** Counted up when a field changes its meaning or goes. */
const VERSION = 1;

export const jsonReport = ({ base, head, changes, hosts, notRendered, unknown, predicted }: Report): string =>
  JSON.stringify(
    {
      version: VERSION,
      base,
      head,
      // JSON leaves out what is undefined; whoever reads it asks for null.
      changes: changes.map((change) => ({
        ...change,
        fields: change.fields.map(({ path, before = null, after = null }) => ({ path, before, after })),
      })),
      hosts,
      notRendered,
      unknown,
      predicted,
    },
    null,
    2,
  );
