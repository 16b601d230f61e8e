/** Who reads a ConfigMap whose content changes, and when: pods do not begin anew because of it. */
import type { FieldChange } from '../../manifest/field-changes.js';
import { nameOf } from '../../manifest/live-object.js';
import { maskedChanges } from '../../manifest/masked.js';
import { listed } from '../words.js';
import { workloadsReading } from './losses.js';
import type { Sides } from './pairs.js';
import type { Placed } from './placed.js';
import { rolloutOf } from './rollout.js';

export function readersOf(
  after: Placed,
  fields: readonly FieldChange[],
  { staying, formerly }: Sides,
): readonly string[] {
  if (after.ref.kind !== 'ConfigMap' || !fields.some(({ path }) => /^(data|binaryData)\b/.test(path))) return [];
  const [started, replaced, left]: [string[], string[], string[]] = [[], [], []];
  for (const reader of workloadsReading(after, staying)) {
    const before = formerly.get(reader);
    // What comes with this change has never read the old one.
    if (before === undefined) continue;
    const { rolls } = rolloutOf(reader.manifest, maskedChanges(before.manifest, reader.manifest));
    (reader.ref.kind === 'CronJob' ? started : rolls ? replaced : left).push(nameOf(reader.ref));
  }
  return [
    ...(replaced.length === 0 ? [] : [`Read by ${listed(replaced)}, whose pods this change replaces.`]),
    ...(started.length === 0 ? [] : [`Read by ${listed(started)}, from the next run on.`]),
    ...(left.length === 0
      ? []
      : [
          `Read by ${listed(left)}, whose pods stay: what is mounted follows within minutes, variables and subPath do not.`,
        ]),
  ];
}
