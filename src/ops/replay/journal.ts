/**
 * Reads what `journalctl -o export` and `-o json` print.
 *
 * Text is one character a byte (latin1) throughout, so that a binary field's length means what it says.
 */
import type { Line } from './kernel-record.js';

/** A field longer than this is no log: the length was read from something else. */
const LONGEST_FIELD = 64 * 1024 * 1024;

type Fields = ReadonlyMap<string, string>;

/** Takes the file piece by piece; returns the entries that are complete. */
export function createExportReader(): (piece: string) => readonly Line[] {
  const state = { pending: '', fields: new Map<string, string>() };

  return function read(piece) {
    const text = state.pending + piece;
    const lines: Line[] = [];
    let at = 0;
    for (;;) {
      const end = text.indexOf('\n', at);
      if (end < 0) break;
      const line = text.slice(at, end);
      const equals = line.indexOf('=');
      if (line === '') {
        if (state.fields.size > 0) lines.push(entry(state.fields));
        state.fields = new Map();
        at = end + 1;
      } else if (equals > 0) {
        state.fields.set(line.slice(0, equals), line.slice(equals + 1));
        at = end + 1;
      } else {
        if (text.length < end + 9) break;
        const length = littleEndian(text, end + 1);
        if (length > LONGEST_FIELD) {
          at = end + 1;
          continue;
        }
        if (text.length < end + 10 + length) break;
        state.fields.set(line, text.slice(end + 9, end + 9 + length));
        at = end + 10 + length;
      }
    }
    state.pending = text.slice(at);
    return lines;
  };
}

function littleEndian(text: string, at: number): number {
  let value = 0;
  for (let byte = 7; byte >= 0; byte -= 1) value = value * 256 + text.charCodeAt(at + byte);
  return value;
}

export function readJsonEntry(line: string): Line {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line.slice(line.indexOf('{')));
  } catch {
    return { kind: 'bare', text: line };
  }
  if (typeof parsed !== 'object' || parsed === null) return { kind: 'bare', text: line };
  return entry(new Map(Object.entries(parsed).map(([name, value]) => [name, jsonText(value)])));
}

/** journalctl writes what is no UTF-8 as a list of bytes. */
const jsonText = (value: unknown): string =>
  Array.isArray(value) ? String.fromCharCode(...value.filter((byte) => typeof byte === 'number')) : String(value);

function entry(fields: Fields): Line {
  if (fields.get('_TRANSPORT') !== 'kernel')
    return { kind: 'foreign', missed: missedRecords(fields.get('MESSAGE') ?? '') };
  const micros = fields.get('_SOURCE_MONOTONIC_TIMESTAMP') ?? fields.get('__MONOTONIC_TIMESTAMP');
  const wall = fields.get('__REALTIME_TIMESTAMP');
  return {
    kind: 'record',
    text: (fields.get('MESSAGE') ?? '').replaceAll('\n', ' '),
    uptime: seconds(micros),
    wall: wall === undefined ? undefined : Number(wall) / 1_000,
    priority: Number(fields.get('PRIORITY') ?? 6) + 8 * Number(fields.get('SYSLOG_FACILITY') ?? 0),
    boot: fields.get('_BOOT_ID'),
  };
}

const seconds = (micros: string | undefined): number | undefined =>
  micros === undefined || !/^\d+$/.test(micros) ? undefined : Number(micros) / 1e6;

/** From what journald writes where the kernel's ring ran over before it could read. */
export const missedRecords = (text: string): number =>
  Number(/\bMissed (\d{1,9}) kernel messages\b/.exec(text)?.[1] ?? 0);
