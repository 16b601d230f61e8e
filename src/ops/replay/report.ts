/** What a replay found: one object a log, for people's drawings and for -o json. */
import type { TimedLine } from './clock.js';
import type { Decision, Observations } from './detector-output.js';
import { longestStall, rateFromRepeats, rateFromStalls } from './hertz.js';
import type { LogSummary } from './log-reader.js';
import type { Policy } from './policies.js';
import { formatWall } from './wall-clock.js';

export interface Boot {
  readonly number: number;
  readonly firstSeconds: number;
  readonly lastSeconds: number;
  /** Wall clock of the boot itself in milliseconds, where the log has one. */
  readonly start: number | undefined;
}

export interface Verdict {
  readonly policy: Policy;
  readonly decisions: readonly Decision[];
  readonly inARow: ReadonlyMap<number, number>;
}

export interface Replay {
  readonly file: string;
  readonly summary: LogSummary;
  readonly hz: number | undefined;
  readonly maxStallSeconds: number | undefined;
  readonly seen: Observations;
  readonly boots: readonly Boot[];
  readonly verdicts: readonly Verdict[];
}

/** Keeps where each boot begins and ends. */
export function createBootList(): { readonly take: (line: TimedLine) => void; readonly boots: () => readonly Boot[] } {
  const boots: { number: number; firstSeconds: number; lastSeconds: number; start: number | undefined }[] = [];
  return {
    take(line) {
      if (line.kind === 'boot') {
        boots.push({ number: line.number, firstSeconds: -1, lastSeconds: 0, start: undefined });
        return;
      }
      const boot = boots.at(-1);
      if (boot === undefined) return;
      if (boot.firstSeconds < 0) boot.firstSeconds = line.seconds;
      boot.lastSeconds = line.seconds;
      // The last line's wall clock: the first ones may be from before the clock was set.
      if (line.wall !== undefined) boot.start = line.wall - line.seconds * 1_000;
    },
    boots: () => boots,
  };
}

export function concludeReplay(
  file: string,
  summary: LogSummary,
  boots: readonly Boot[],
  seen: Observations,
  verdicts: readonly Verdict[],
  givenHz: number | undefined,
): Replay {
  const hz =
    givenHz ?? summary.hz ?? rateFromRepeats(seen.stalls) ?? rateFromStalls(seen.stalls.map(({ jiffies }) => jiffies));
  return {
    file,
    summary,
    hz,
    maxStallSeconds: longestStall(seen.stalls, seen.reports.length, hz),
    seen,
    boots,
    verdicts,
  };
}

/** When a moment was by the wall clock, as a person writes it; undefined where the log does not tell. */
export function wallTime(boots: readonly Boot[], { boot, at }: { readonly boot: number; readonly at: number }) {
  const start = boots.find(({ number }) => number === boot)?.start;
  return start === undefined ? undefined : formatWall(start + at * 1_000);
}

/** How many lines that could not be parsed are shown; all are counted. */
export const UNPARSED_SHOWN = 10;

/** The object of `-o json`. */
export function jsonReport(replay: Replay): Readonly<Record<string, unknown>> {
  const { seen, summary, boots } = replay;
  const moment = (decision: Decision) => ({
    at: decision.at,
    path: decision.path,
    count: decision.count,
    boot: decision.boot,
    time: wallTime(boots, decision),
  });
  const policies = replay.verdicts.map(({ policy, decisions }) => [
    policy.name,
    {
      reboots: decisions.filter(({ action }) => action === 'reboot').map(moment),
      alerts: decisions
        .filter(({ action }) => action !== 'reboot')
        .map((decision) => ({ ...moment(decision), why: decision.why })),
    },
  ]);
  return {
    file: replay.file,
    lines: summary.lines,
    reports: seen.reports.length,
    gracePeriods: seen.gracePeriods,
    maxStallSeconds: replay.maxStallSeconds ?? null,
    hungTasks: seen.hungTasks.length,
    softLockups: seen.softLockups.length,
    nfs: seen.nfs.length,
    oomKills: seen.oomKills.length,
    policies: Object.fromEntries(policies),
    hardLockups: seen.hardLockups.length,
    unparsed: seen.unparsed.length,
    unparsedLines: seen.unparsed.slice(0, UNPARSED_SHOWN).map(({ text }) => printable(text)),
    lostRecords: seen.lost + summary.missed,
    boots: boots.length,
    time: summary.time,
    judged: summary.time !== 'none',
    hz: replay.hz ?? null,
  };
}

/** A log's own text for a terminal: bytes become characters again, and nothing in it can steer the terminal. */
export const printable = (latin1: string): string =>
  new TextDecoder().decode(Uint8Array.from(latin1, (character) => character.charCodeAt(0))).replaceAll(/\p{Cc}/gu, ' ');
