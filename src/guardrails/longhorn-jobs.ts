/** Which recurring jobs of Longhorn a volume is given, by labels or by the selector of its StorageClass. */

import { type Field, fieldsAt, isObject, textAt, textsAt } from '../manifest/json.js';
import type { Json, PlacedManifest } from '../manifest/manifest.js';

export interface LonghornJob {
  readonly where: string;
  readonly name: string;
  readonly groups: readonly string[];
  readonly task: string;
}

/** A job, or a group of them, that a volume names. */
export interface Assignment {
  readonly name: string;
  readonly isGroup: boolean;
  /** A label with any other value reaches no job, and still keeps the group `default` away. */
  readonly isEnabled: boolean;
}

export const jobsAmong = (objects: readonly PlacedManifest[]): readonly LonghornJob[] =>
  objects.flatMap(({ manifest }) =>
    manifest.kind === 'RecurringJob'
      ? [
          {
            where: `RecurringJob ${manifest.metadata.namespace}/${manifest.metadata.name}`,
            name: manifest.metadata.name,
            groups: textsAt(manifest, 'spec', 'groups'),
            task: textAt(manifest, 'spec', 'task') ?? '',
          },
        ]
      : [],
  );

export const isBackup = ({ task }: LonghornJob): boolean => /^backup(-force-create)?$/.test(task);

/** Others trim, clean up or delete. */
export const copies = (job: LonghornJob): boolean => isBackup(job) || /^snapshot(-force-create)?$/.test(job.task);

export const reachedBy = (own: readonly Assignment[], jobs: readonly LonghornJob[]): readonly LonghornJob[] =>
  jobs.filter((job) =>
    own.some(({ name, isGroup, isEnabled }) => isEnabled && (isGroup ? job.groups.includes(name) : job.name === name)),
  );

/** What Longhorn gives a volume that names nothing. */
export const BY_DEFAULT: Assignment = { name: 'default', isGroup: true, isEnabled: true };

const SOURCE = 'recurring-job.longhorn.io/source';

/** The claim's labels become those of its volume, in place of the volume's own. */
export const isSource = (labels: Field): boolean => textAt(labels, SOURCE) === 'enabled';

export const assignmentsIn = (labels: Field): readonly Assignment[] =>
  fieldsAt(labels).flatMap(([key, value]) => {
    const [, group, name] = /^recurring-job(-group)?\.longhorn\.io\/(.+)$/.exec(key) ?? [];
    return name === undefined || key === SOURCE
      ? []
      : [{ name, isGroup: group !== undefined, isEnabled: value === 'enabled' }];
  });

/** From the text or the list of a `recurringJobSelector`; undefined where it is neither. */
export function selectorOf(selector: Json): readonly Assignment[] | undefined {
  const list: unknown = typeof selector === 'string' ? tryParse(selector) : selector;
  if (!Array.isArray(list)) return undefined;
  // Plain data, from JSON or from a manifest.
  const own = (list as readonly Json[]).map((entry) => {
    const name = textAt(entry, 'name');
    return name === undefined
      ? undefined
      : { name, isGroup: isObject(entry) && entry.isGroup === true, isEnabled: true };
  });
  return own.every((entry) => entry !== undefined) ? own : undefined;
}

function tryParse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Not JSON: whoever asks says so.
    return undefined;
  }
}
