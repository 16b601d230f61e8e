/** A recorded log from its bytes to records with a boot and seconds, whatever its format; and what it says by itself. */
import { type Clock, createClock, type TimedLine, type TimeSource } from './clock.js';
import { createLineReader } from './formats.js';
import { rateFromClockSource } from './hertz.js';
import { createExportReader, missedRecords, readJsonEntry } from './journal.js';
import type { Line } from './kernel-record.js';

/** No line of a log is longer; what goes on without a line feed is cut there. */
const LONGEST_LINE = 1024 * 1024;
const EXPORT_START =
  /^\s*(?:__CURSOR|__REALTIME_TIMESTAMP|__MONOTONIC_TIMESTAMP|_BOOT_ID|MESSAGE|PRIORITY|_TRANSPORT)[=\n]/;
/** After a record separator, or none. */
const JSON_START = /^\s*\p{Cc}?\{/u;

/** What only a kernel writes, where no stamp tells. */
const KERNEL_TEXT =
  /^(?:Linux version \d|Booting Linux on |(?:Kernel c|C)ommand line: |rcu: |INFO: (?:rcu_|task )|(?:nfs|lockd): server |watchdog: |Out of memory: |BUG: |clocksource: |EXT4-fs |usb \d+-\d|pci \d{4}:|systemd\[1\]: )/;

export interface LogSummary {
  readonly lines: number;
  readonly kernelLines: number;
  readonly time: TimeSource;
  readonly clockStepsBack: number;
  readonly hz: number | undefined;
  /** Records that journald said it had missed. */
  readonly missed: number;
  /** Whether enough of it is in a format that is known, or something in it can only be a kernel's. */
  readonly isKernelLog: boolean;
}

interface LogReader {
  /** Takes the next piece of the file, a byte a character. */
  readonly read: (piece: string) => readonly TimedLine[];
  readonly end: () => readonly TimedLine[];
  readonly summary: () => LogSummary;
}

export function createLogReader(): LogReader {
  const clock: Clock = createClock();
  const readLine = createLineReader();
  const state = {
    format: undefined as 'lines' | 'export' | 'json' | undefined,
    readExport: createExportReader(),
    rest: '',
    lines: 0,
    kernelLines: 0,
    recognized: 0,
    kernelTexts: 0,
    missed: 0,
    hz: undefined as number | undefined,
    endsOpen: false,
  };

  function read(piece: string): readonly TimedLine[] {
    if (piece === '') return [];
    state.lines += countLineFeeds(piece);
    state.endsOpen = !piece.endsWith('\n');
    const text = state.rest + piece;
    state.rest = '';
    if (state.format === undefined && !/\S[^\n]*\n/.test(text) && text.length < LONGEST_LINE) {
      state.rest = text; // The first line tells.
      return [];
    }
    state.format ??= EXPORT_START.test(text) ? 'export' : JSON_START.test(text) ? 'json' : 'lines';
    if (state.format === 'export') return state.readExport(text).flatMap(take);
    const parts = text.split('\n');
    state.rest = (parts.pop() ?? '').slice(0, LONGEST_LINE);
    return parts.flatMap(takeText);
  }

  function end(): readonly TimedLine[] {
    if (state.endsOpen) state.lines += 1;
    const rest = state.rest;
    state.rest = '';
    if (state.format === undefined && JSON_START.test(rest)) state.format = 'json';
    // An entry ends at an empty line, which a copy may have lost.
    if (state.format === 'export') return state.readExport('\n\n').flatMap(take);
    return rest === '' ? [] : takeText(rest);
  }

  function takeText(raw: string): readonly TimedLine[] {
    // A file that was open when the power went is full of zeros.
    const text = raw.replace(/\r$/, '').replaceAll('\0', '');
    if (text === '') return [];
    if (state.format === 'json') return take(readJsonEntry(text));
    const line = readLine(text);
    return take(line.kind === 'foreign' ? { kind: 'foreign', missed: missedRecords(text) } : line);
  }

  function take(line: Line): readonly TimedLine[] {
    if (line.kind === 'foreign') state.missed += line.missed ?? 0;
    if (line.kind !== 'bare') state.recognized += 1;
    else if (KERNEL_TEXT.test(line.text)) state.kernelTexts += 1;
    if (line.kind === 'record' || line.kind === 'bare') {
      state.kernelLines += 1;
      state.hz ??= rateFromClockSource(line.text);
    }
    return repeated(line).flatMap(clock.take);
  }

  return {
    read,
    end,
    summary: () => ({
      lines: state.lines,
      kernelLines: state.kernelLines,
      time: clock.source(),
      clockStepsBack: clock.stepsBack(),
      hz: state.hz,
      missed: state.missed,
      isKernelLog: state.kernelTexts > 0 || (state.recognized > 0 && state.recognized * 10 >= state.kernelLines),
    }),
  };
}

/** rsyslog may write a line once and say how often it came again. */
const REPEATED = /^message repeated (\d{1,4}) times: \[ ?(.*)\]$/;

function repeated(line: Line): readonly Line[] {
  const match = line.kind === 'record' ? REPEATED.exec(line.text) : null;
  if (line.kind !== 'record' || match === null) return [line];
  return Array.from({ length: Number(match[1]) }, () => ({ ...line, text: match[2] ?? '' }));
}

function countLineFeeds(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
