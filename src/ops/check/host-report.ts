/**
 * What node-bootstrap reports of a host after each look, as its pod's log has it.
 *
 * The form is made by src/layers/node-bootstrap/scripts/host-report.sh; every field is null where it cannot be told.
 */
import type { Duration } from '../../cluster/duration.js';
import { describeDuration } from '../../cluster/duration.js';
import type { Answer } from '../../manifest/live-object.js';
import { spanOf } from './live.js';
import { parseHostReport } from './parse-host-report.js';

export interface HostReport {
  readonly report: 1;
  /** The host's name as its kernel has it. */
  readonly node: string | null;
  readonly bootId: string | null;
  readonly uptimeSeconds: number | null;
  /** By the host's own clock, which may be off. */
  readonly epochSeconds: number | null;
  readonly clockSynchronized: boolean | null;
  readonly clusterIpRules: 'present' | 'missing' | null;
  /** What the host's own check of it says, which remembers the boot before; null on a host without checks. */
  readonly calicoBeforeBoot: boolean | null;
  /** Names of sandboxes that the kubelet was refused in the last minutes, each counted once. */
  readonly sandboxNamesReserved: number | null;
  /** Lines of the last minutes in the log of kine or dqlite. */
  readonly datastore: { readonly locked: number; readonly canceled: number } | null;
  /** Null: none has ever run there. */
  readonly watchdog: WatchdogReport | null;
  readonly disks: readonly DiskReport[] | null;
  /** What the distribution asks for itself, as /run/reboot-required. */
  readonly rebootRequired: boolean | null;
  /** Why a reboot is due: `reboot-required`, `kernel`, `kernel-arguments`. */
  readonly pending: readonly string[] | null;
  readonly runningKernel: string | null;
  /** The newest one installed of the running kernel's flavour. */
  readonly newestKernel: string | null;
  /** In each folder of certificates the one that ends first. */
  readonly certificates: readonly CertificateReport[] | null;
}

interface WatchdogReport {
  readonly budgetLeft: number | null;
  /** It would reboot the host and is held back. */
  readonly held: boolean | null;
  /** Since its last tick; null: none in this boot. */
  readonly silentSeconds: number | null;
}

interface DiskReport {
  readonly path: string;
  /** Of space or of inodes, whichever is scarcer. */
  readonly freePercent: number | null;
  readonly readOnly: boolean | null;
}

interface CertificateReport {
  readonly path: string;
  readonly daysLeft: number | null;
}

/** Whose report, and by what it is known to be of now. */
interface Expected {
  readonly node: string;
  /** As the Node's status has it. */
  readonly bootId: string;
  /** Milliseconds by the API server's clock. */
  readonly now: number;
  /** From look to look. */
  readonly every: Duration;
}

/** One missed look may be a busy host. */
const MISSED_LOOKS = 2;

/** Clocks that are kept in step differ by less. */
const SKEW_SECONDS = 60;

const LINE = /^(\d{4}-\d\d-\d\dT\S+) report (\{.*)$/;

/** The newest report in a log whose lines begin with their time. An older one never stands in for it. */
export function readHostReport(log: string, { node, bootId, now, every }: Expected): Answer<HostReport> {
  const newest = log
    .split('\n')
    .map((line) => LINE.exec(line.trimEnd()))
    .findLast((match) => match !== null);
  const [, time = '', text = ''] = newest ?? [];
  const cannotTell = (found: string): Answer<never> => ({
    ok: false,
    failure: { kind: 'server', message: `the report of host ${node}: ${found}` },
  });
  if (newest === undefined || newest === null)
    return cannotTell('none in the log of its node-bootstrap pod: it has not looked yet, or is of an older release');
  const at = Date.parse(time);
  if (Number.isNaN(at)) return cannotTell(`expected a time before it in the log, got ${JSON.stringify(time)}`);
  const ago = Math.round((now - at) / 1000);
  if (ago < -SKEW_SECONDS)
    return cannotTell(`its log is ${spanOf(-1_000 * ago)} ahead of the API server: its clock is off`);
  if (ago > MISSED_LOOKS * every.seconds)
    return cannotTell(
      `it is ${spanOf(1_000 * ago)} old, and there is to be one every ${describeDuration(every)}: its node-bootstrap pod looks no more, or its clock is off`,
    );
  const report = parseHostReport(text);
  if (typeof report === 'string') return cannotTell(report);
  if (report.bootId !== bootId)
    return cannotTell(`it is of another boot, ${JSON.stringify(report.bootId)}, and the node has ${bootId}`);
  return { ok: true, value: report };
}
