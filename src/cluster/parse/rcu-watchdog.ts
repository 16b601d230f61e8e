/** What a spec says of the RCU watchdog, with its defaults. */
import { formatClockTime } from '../clock-time.js';
import { formatDuration, hours, minutes } from '../duration.js';
import type {
  BlackHoleSpec,
  ChronicStallsSpec,
  MaintenanceWindowSpec,
  RcuWatchdogStreamSpec,
  RcuWatchdogTimerSpec,
  StallThresholdSpec,
} from '../spec/rcu-watchdog.js';
import { fields, optional } from './fields.js';
import { show } from './issue.js';
import { integer, map, oneOf, orWord, refine, tagged } from './parser.js';
import * as value from './values.js';

/** More no window of the detector holds: a threshold above it would never be crossed. */
export const MOST_STALLS = 2000;

const stallThreshold = fields<StallThresholdSpec>()({
  stalls: integer(1, MOST_STALLS),
  within: value.duration('1min', '6h'),
});

const commonFields = {
  burst: optional(stallThreshold, { stalls: 10, within: minutes(2) }),
  sustained: optional(stallThreshold, { stalls: 10, within: minutes(15) }),
  startupGrace: optional(value.duration('1min', '6h'), minutes(20)),
  // Together: never the ten reboots in three hours of April 3, whatever else is set (at most four, twice).
  maxRebootsInARow: optional(integer(1, 4), 3),
  healthyAfter: optional(value.duration('2h', '7d'), hours(6)),
  peerPort: optional(integer(1024, 65_535), 9847),
};

const maintenanceWindow = refine(
  fields<MaintenanceWindowSpec>()({ start: value.timeOfDay, end: value.timeOfDay }),
  ({ start, end }) =>
    formatClockTime(start) === formatClockTime(end)
      ? [{ path: 'end', message: `expected another time than start, got ${show(formatClockTime(end))}` }]
      : [],
);

const chronicStalls = fields<ChronicStallsSpec>()({
  stalls: integer(1, MOST_STALLS),
  within: value.duration('30min', '2d'),
  action: optional(orWord('alert', fields<{ window: unknown }>()({ window: maintenanceWindow })), 'alert'),
});

const blackHole = fields<BlackHoleSpec>()({ after: value.duration('2min', '1h') });

const streamWatchdog = fields<RcuWatchdogStreamSpec>()(
  {
    ...commonFields,
    form: optional(oneOf('stream'), 'stream'),
    stuck: optional(value.duration('1min', '1h'), minutes(3)),
    chronic: optional(chronicStalls, { stalls: 100, within: hours(6), action: 'alert' }),
    blackHole: optional(
      map(orWord('off', blackHole), (settings) => (settings === 'off' ? null : settings)),
      { after: minutes(5) },
    ),
  },
  { elsewhere: new Map([['checkEvery', 'form: "timer"']]) },
);

/** Stalls between two looks must not fall out of the window. */
const timerWatchdog = refine(
  fields<RcuWatchdogTimerSpec>()(
    {
      ...commonFields,
      form: oneOf('timer'),
      checkEvery: optional(value.duration('10s', '1h'), minutes(2)),
    },
    { elsewhere: new Map(['stuck', 'chronic', 'blackHole'].map((key) => [key, 'form: "stream"'])) },
  ),
  ({ burst, sustained, checkEvery }) =>
    Object.entries({ burst, sustained })
      .filter(([, { within }]) => within.seconds < checkEvery.seconds)
      .map(([name, { within }]) => ({
        path: `${name}.within`,
        message: `expected at least checkEvery (${formatDuration(checkEvery)}), got ${show(formatDuration(within))}`,
      })),
);

export const rcuWatchdog = tagged('form', { stream: streamWatchdog, timer: timerWatchdog }, { absent: 'stream' });
