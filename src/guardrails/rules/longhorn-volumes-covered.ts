/** No claim, class or volume leaves the recurring jobs without a job of its own, unless the description excludes it. */
import type { Longhorn } from '../../cluster/cluster.js';
import { at, show, textAt } from '../../manifest/json.js';
import { describe } from '../../manifest/manifest.js';
import type { Guardrail, Violation } from '../guardrail.js';
import type { Inspection } from '../inspection.js';
import {
  type Assignment,
  BY_DEFAULT,
  copies,
  isBackup,
  jobsAmong,
  type LonghornJob,
  reachedBy,
  selectorOf,
} from '../longhorn-jobs.js';
import { labelledVolumes } from '../longhorn-labels.js';

export const longhornVolumesCovered: Guardrail = {
  id: 'longhorn-volumes-covered',
  severity: 'error',
  lesson:
    'A job that is gone looks like a night without failures: Longhorn runs the jobs of the group "default" only for volumes without labels of their own, and says nothing of the others.',
  incident: 'nov-5-reverted',
  check: (inspection) => {
    const { longhorn } = inspection.cluster;
    if (longhorn === null) return [];
    const jobs = jobsAmong(inspection.objects);
    return [
      ...volumes(inspection, longhorn, jobs),
      ...classes(inspection, jobs),
      ...leftOut(jobs),
      ...otherOwner(inspection, longhorn),
    ];
  },
};

const named = (own: readonly Assignment[]): string =>
  own
    .map(
      ({ name, isGroup, isEnabled }) =>
        `${isGroup ? 'group' : 'job'} ${show(name)}${isEnabled ? '' : ' (not enabled)'}`,
    )
    .join(', ');

/** What is missing for a volume that names these. */
function lacking(where: string, own: readonly Assignment[], jobs: readonly LonghornJob[]): readonly Violation[] {
  const reached = reachedBy(own, jobs);
  const expected = !reached.some(copies)
    ? 'a recurring job that copies'
    : reachedBy([BY_DEFAULT], jobs).some(isBackup) && !reached.some(isBackup)
      ? 'a recurring job that backs up, as volumes without labels have'
      : null;
  return expected === null
    ? []
    : [
        {
          where,
          found: `expected ${expected}, got ${named(own)}`,
          mend: 'add the group "default" or a job that copies; to leave a volume out on purpose, name it in `longhorn.excludeVolumes`',
        },
      ];
}

const volumes = ({ objects }: Inspection, longhorn: Longhorn, jobs: readonly LonghornJob[]): readonly Violation[] =>
  labelledVolumes(objects, longhorn).flatMap(({ where, own, ignored, isExcluded }) => {
    if (ignored !== null)
      return [
        {
          where,
          found: `expected no job labels (${ignored}), got ${named(own)}`,
          mend: 'set them on the claim, with recurring-job.longhorn.io/source=enabled, or take them away',
        },
      ];
    return isExcluded ? [] : lacking(where, own, jobs);
  });

/** What a class gives to each volume that is made of it; a class cannot be excluded by name. */
function classes({ objects, helmValues }: Inspection, jobs: readonly LonghornJob[]): readonly Violation[] {
  const selectors = [
    ...objects.flatMap(({ manifest }) =>
      manifest.kind === 'StorageClass' && textAt(manifest, 'provisioner') === 'driver.longhorn.io'
        ? [{ where: describe(manifest), selector: at(manifest, 'parameters', 'recurringJobSelector') }]
        : [],
    ),
    ...helmValues.flatMap(({ where, chart, values }) => {
      const selector = at(values, 'persistence', 'recurringJobSelector');
      return chart === 'longhorn' && at(selector, 'enable') === true
        ? [{ where: `${where}, persistence.recurringJobSelector`, selector: at(selector, 'jobList') }]
        : [];
    }),
  ];
  return selectors.flatMap(({ where, selector }) => {
    if (selector === undefined || selector === '') return [];
    const own = selectorOf(selector);
    if (own !== undefined) return own.length === 0 ? [] : lacking(where, own, jobs);
    return [
      {
        where,
        found: `expected a JSON list of { name, isGroup } as recurringJobSelector, got ${show(selector)}`,
        mend: 'write [{"name":"default","isGroup":true}], or leave it out',
      },
    ];
  });
}

/** The group that excluded volumes are put into. */
const leftOut = (jobs: readonly LonghornJob[]): readonly Violation[] =>
  jobs
    .filter(({ groups }) => groups.includes('left-out'))
    .map(({ where }) => ({
      where,
      found: 'expected no job in the group "left-out" (it keeps jobs away from excluded volumes), got this one',
      mend: 'give the job another group',
    }));

/** Longhorn writes the chart's settings over the Setting that is declared here. */
const otherOwner = ({ helmValues }: Inspection, { detachedVolumes }: Longhorn): readonly Violation[] =>
  helmValues.flatMap(({ where, chart, values }) => {
    const value = at(values, 'defaultSettings', 'allowRecurringJobWhileVolumeDetached') ?? null;
    return chart !== 'longhorn' || value === null || String(value) === String(detachedVolumes === 'include')
      ? []
      : [
          {
            where: `${where}, defaultSettings.allowRecurringJobWhileVolumeDetached`,
            found: `expected nothing, or what longhorn.detachedVolumes says (${show(detachedVolumes)}), got ${show(value)}`,
            mend: 'leave it out: Longhorn writes it over the declared setting',
          },
        ];
  });
