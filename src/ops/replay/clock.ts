/**
 * Gives every record its boot and its seconds since that boot.
 *
 * By the kernel's own stamps where there are any. Where there is only a wall clock, seconds since the first line of the
 * boot stand for the uptime; a clock that goes back is taken as standing still.
 */
import type { KernelRecord, Line } from './kernel-record.js';

/** Stamps of several CPUs may be out of order by less. */
const BOOT_FALL_SECONDS = 10;
const FIRST_LINES = /^(?:Booting Linux on |Linux version \d)/;

/** `uptime`: the kernel's own stamps; `wall`: only a wall clock; `none`: no stamps at all. */
export type TimeSource = 'uptime' | 'wall' | 'none';

export interface TimedRecord {
  readonly text: string;
  readonly seconds: number;
  readonly priority: number;
  readonly sequence: number | undefined;
  readonly wall: number | undefined;
}

export type TimedLine =
  | { readonly kind: 'boot'; readonly id: string; readonly number: number }
  | ({ readonly kind: 'record' } & TimedRecord);

export interface Clock {
  readonly take: (line: Line) => readonly TimedLine[];
  readonly source: () => TimeSource;
  /** How often a wall clock went back. */
  readonly stepsBack: () => number;
}

export function createClock(): Clock {
  const state = {
    boots: 0,
    id: undefined as string | undefined,
    /** A line between boots was seen; the next record opens the next one. */
    pendingBoot: undefined as { readonly id: string | undefined } | undefined,
    /** Records of this boot, and whether its first lines were among them. */
    records: 0,
    opened: false,
    seconds: 0,
    lastUptime: undefined as number | undefined,
    wallStart: undefined as number | undefined,
    lastWall: undefined as number | undefined,
    uptimes: false,
    walls: false,
    stepsBack: 0,
  };

  function take(line: Line): readonly TimedLine[] {
    if (line.kind === 'foreign') return [];
    if (line.kind === 'boot') {
      state.pendingBoot = { id: line.id };
      return [];
    }
    const record: KernelRecord = line.kind === 'record' ? line : { kind: 'record', text: line.text };
    const lines: TimedLine[] = [];
    if (beginsBoot(record)) lines.push(openBoot(record));
    state.records += 1;
    state.opened ||= FIRST_LINES.test(record.text);
    advance(record);
    return [
      ...lines,
      {
        kind: 'record',
        text: record.text,
        seconds: state.seconds,
        priority: record.priority ?? 6,
        sequence: record.sequence,
        wall: state.lastWall,
      },
    ];
  }

  function beginsBoot({ boot, uptime, text }: KernelRecord): boolean {
    if (state.boots === 0 || state.pendingBoot !== undefined) return true;
    if (boot !== undefined) return boot !== state.id;
    if (uptime !== undefined && state.lastUptime !== undefined && uptime < state.lastUptime - BOOT_FALL_SECONDS)
      return true;
    return FIRST_LINES.test(text) && (state.records > 1 || !state.opened);
  }

  function openBoot({ boot }: KernelRecord): TimedLine {
    state.boots += 1;
    state.id = boot ?? state.pendingBoot?.id;
    state.pendingBoot = undefined;
    state.records = 0;
    state.opened = false;
    state.seconds = 0;
    state.lastUptime = undefined;
    state.wallStart = undefined;
    state.lastWall = undefined;
    return { kind: 'boot', id: state.id ?? `boot-${state.boots}`, number: state.boots };
  }

  function advance({ uptime, wall }: KernelRecord): void {
    const known = wall !== undefined && Number.isFinite(wall) ? wall : undefined;
    if (known !== undefined) {
      state.walls = true;
      if (state.lastWall !== undefined && known < state.lastWall) {
        state.stepsBack += 1;
        state.wallStart = (state.wallStart ?? known) - (state.lastWall - known);
      }
      state.wallStart ??= known;
      state.lastWall = known;
    }
    if (uptime !== undefined) {
      state.uptimes = true;
      state.lastUptime = uptime;
      state.seconds = Math.max(state.seconds, uptime);
    } else if (state.lastUptime === undefined && known !== undefined && state.wallStart !== undefined) {
      state.seconds = Math.max(state.seconds, (known - state.wallStart) / 1_000);
    }
  }

  return {
    take,
    source: () => (state.uptimes ? 'uptime' : state.walls ? 'wall' : 'none'),
    stepsBack: () => state.stepsBack,
  };
}
