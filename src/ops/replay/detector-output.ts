/** What a detector printed, kept as numbers and moments: the grammar is in the header of the detector's main.awk. */

export interface Moment {
  readonly boot: number;
  /** Seconds since that boot. */
  readonly at: number;
}

export interface Decision extends Moment {
  readonly action: 'reboot' | 'window' | 'alert';
  readonly path: string;
  readonly count: number;
  readonly why: string;
}

export interface Observations {
  readonly reports: readonly Moment[];
  readonly gracePeriods: number;
  /** Each number that came with a report: how long its grace period had lasted then. */
  readonly stalls: readonly Stall[];
  readonly hungTasks: readonly Moment[];
  readonly softLockups: readonly Moment[];
  readonly hardLockups: readonly Moment[];
  readonly nfs: readonly Moment[];
  readonly oomKills: readonly Moment[];
  readonly unparsed: readonly (Moment & { readonly text: string })[];
  readonly lost: number;
  readonly decisions: readonly Decision[];
  /** For each boot with a reboot: the how many-eth in a row it was. */
  readonly inARow: ReadonlyMap<number, number>;
}

export interface Stall extends Moment {
  readonly key: string;
  readonly jiffies: number;
}

const EVENT = /^event (\S+) (\S+) ?(.*)$/;
const DECISION = /^decide (reboot|window|alert) (\S+) (\d+) (\S+) ?(.*)$/;

interface Tally {
  readonly take: (line: string) => void;
  readonly observations: () => Observations;
}

/** @param keep `decisions`: nothing of what was seen, which may be much and is the same for every policy. */
export function createTally(keep: 'all' | 'decisions'): Tally {
  const seen = {
    reports: [] as Moment[],
    gracePeriods: 0,
    stalls: [] as Stall[],
    hungTasks: [] as Moment[],
    softLockups: [] as Moment[],
    hardLockups: [] as Moment[],
    nfs: [] as Moment[],
    oomKills: [] as Moment[],
    unparsed: [] as (Moment & { text: string })[],
    lost: 0,
    decisions: [] as Decision[],
    inARow: new Map<number, number>(),
  };
  const moments: ReadonlyMap<string, Moment[]> = new Map([
    ['report', seen.reports],
    ['hung-task', seen.hungTasks],
    ['soft-lockup', seen.softLockups],
    ['hard-lockup', seen.hardLockups],
    ['nfs', seen.nfs],
    ['oom', seen.oomKills],
  ]);
  const now = { boot: 0 };

  function take(line: string): void {
    const decision = DECISION.exec(line);
    if (decision) {
      const [, action, path = '', count, at, why = ''] = decision;
      if (action !== 'reboot' && action !== 'window' && action !== 'alert') return;
      seen.decisions.push({ boot: now.boot, at: Number(at), action, path, count: Number(count), why });
      return;
    }
    const event = EVENT.exec(line);
    if (event) note(event[2] ?? '', event[3] ?? '', { boot: now.boot, at: Number(event[1]) });
  }

  function note(kind: string, rest: string, moment: Moment): void {
    if (kind === 'boot') now.boot = Number(rest);
    else if (kind === 'asked') seen.inARow.set(moment.boot, Number(rest.split(' ')[1]));
    else if (keep === 'decisions') return;
    else if (kind === 'period') seen.gracePeriods += 1;
    else if (kind === 'stall') {
      const [key = '', jiffies] = rest.split(' ');
      seen.stalls.push({ ...moment, key, jiffies: Number(jiffies) });
    } else if (kind === 'unparsed') seen.unparsed.push({ ...moment, text: rest });
    else if (kind === 'lost') seen.lost += Number(rest);
    else moments.get(kind)?.push(moment);
  }

  return { take, observations: () => seen };
}
