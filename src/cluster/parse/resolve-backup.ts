/** From what a spec says of the backup to the CronJobs that it means. */
import type { Backup, BackupCopy, BackupDrill } from '../backup.js';
import { later } from '../clock-time.js';
import type { ClusterNode } from '../cluster.js';
import type { ParsedSpec } from './cluster.js';

type ParsedBackup = NonNullable<ParsedSpec['backup']>;
type ParsedSnapshots = Extract<ParsedBackup, { form: 'snapshots' }>;

/** After the backup: what is drilled is what was just made. */
const DRILL_HOURS_LATER = 2;

export function resolveBackup(parsed: ParsedBackup, from: ClusterNode): Backup {
  const { timeZone } = from;
  if (parsed.form === 'mirror') {
    const { at, ...rest } = parsed;
    return { ...rest, from, schedule: { at, timeZone } };
  }
  const { at, drill, offsite, ...rest } = parsed;
  return {
    ...rest,
    from,
    schedule: { at, timeZone },
    drill: resolveDrill(parsed, timeZone),
    offsite: offsite && resolveOffsite(offsite, `${parsed.name}-offsite`, timeZone),
  };
}

function resolveDrill({ name, at, drill }: ParsedSnapshots, timeZone: string): BackupDrill | null {
  if (drill === null) return null;
  const { day, scratchGibibytes } = drill;
  return {
    name: `${name}-drill`,
    schedule: { day, at: drill.at ?? later(at, DRILL_HOURS_LATER), timeZone },
    scratchGibibytes,
  };
}

function resolveOffsite(offsite: NonNullable<ParsedSnapshots['offsite']>, name: string, timeZone: string): BackupCopy {
  const { at, ...rest } = offsite;
  return { ...rest, name, schedule: { at, timeZone } };
}
