/** The hardware watchdog gets a value that the board's counter can hold. */
import type { Board } from '../../cluster/cluster.js';
import type { Guardrail } from '../guardrail.js';
import type { Inspection } from '../inspection.js';

export const hardwareWatchdogFitsBoard: Guardrail = {
  id: 'hardware-watchdog-fits-board',
  severity: 'error',
  lesson:
    'The drop-in asked for 30 seconds; the board can count to 16, so there was either no watchdog at all or another one than was written down.',
  incident: 'nov-30-black-hole',
  check: (inspection) =>
    valuesOf(inspection)
      .filter(({ board, seconds }) => board === 'raspberry-pi' && seconds > BCM2835_MAX_SECONDS)
      .map(({ where, seconds }) => ({
        where,
        found: `expected at most ${BCM2835_MAX_SECONDS} seconds on a Raspberry Pi, got ${seconds}: ${effectOf(seconds)}`,
        mend: 'write 14s',
      })),
};

/** A 20-bit counter at 65536 Hz ends a moment before 16 s. */
const BCM2835_MAX_SECONDS = 15;
const COUNTER_SECONDS = 16;

/** The kernel feeds the counter when half of it has run, or sooner where the value is only just too long. */
const FEEDING_SECONDS = 8;

/** What becomes of a value that is too long: the kernels before 6.8 refuse it, later ones keep the remainder. */
function effectOf(seconds: number): string {
  const older = 'kernels before 6.8 refuse it and leave the watchdog off';
  const rest = seconds % COUNTER_SECONDS;
  if (rest === 0) return `${older}, later ones keep 0 s of it and reset the board at once`;
  if (rest < FEEDING_SECONDS)
    return `${older}, later ones keep ${rest} s of it, which end before the first feeding: the board resets for ever`;
  if (rest === FEEDING_SECONDS)
    return `${older}, later ones keep 8 s of it, half a millisecond longer than a feeding takes`;
  return `${older}, later ones keep ${rest} s of it`;
}

interface Value {
  readonly where: string;
  readonly board: Board;
  readonly seconds: number;
}

const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ['ms', 0.001],
  ['', 1],
  ['s', 1],
  ['sec', 1],
  ['seconds', 1],
  ['m', 60],
  ['min', 60],
  ['minutes', 60],
  ['h', 3_600],
]);

/** systemd's notation; undefined for `off`, `default` and `infinity`. */
function secondsIn(text: string): number | undefined {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)\s*([a-z]*)/g)];
  if (parts.length === 0) return undefined;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (UNIT_SECONDS.get(unit ?? '') ?? 1), 0);
}

const WATCHDOG_SETTING = /^(Runtime|Reboot|KExec)WatchdogSec$/;

function valuesOf({ cluster, payloads }: Inspection): readonly Value[] {
  const described = cluster.hosts.flatMap(({ name, board, hardwareWatchdog }) =>
    hardwareWatchdog === null
      ? []
      : (['runtimeTimeout', 'rebootTimeout'] as const).map((key) => ({
          where: `hosts '${name}', kernel.hardwareWatchdog.${key}`,
          board,
          seconds: hardwareWatchdog[key].seconds,
        })),
  );
  const hasPi = cluster.nodes.some(({ board }) => board === 'raspberry-pi');
  const installed = payloads.flatMap(({ group, settings }) =>
    settings.flatMap(({ where, name, value }) => {
      const seconds = WATCHDOG_SETTING.test(name) ? secondsIn(value) : undefined;
      // A file that goes nobody knows where may go to a Raspberry Pi.
      const board: Board = group?.board ?? (hasPi ? 'raspberry-pi' : 'generic');
      return seconds === undefined ? [] : [{ where: `${where}, ${name}`, board, seconds }];
    }),
  );
  return [...described, ...installed];
}
