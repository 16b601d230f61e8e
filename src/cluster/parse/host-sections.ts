/** What a spec says of hosts, with its defaults. */
import { formatDuration, hours, minutes } from '../duration.js';
import type {
  HardwareWatchdogSpec,
  HostsSpec,
  HungTaskSpec,
  KernelSpec,
  RcuWatchdogSpec,
  SandboxCleanupSpec,
  StallThresholdSpec,
} from '../spec/hosts.js';
import { fields, optional } from './fields.js';
import { show } from './issue.js';
import { integer, list, type Parser, refine } from './parser.js';
import * as value from './values.js';

const stallThreshold = fields<StallThresholdSpec>()({
  stalls: integer(1, 10_000),
  within: value.duration('1min', '6h'),
});

const rcuWatchdogFields = fields<RcuWatchdogSpec>()({
  burst: optional(stallThreshold, { stalls: 10, within: minutes(2) }),
  sustained: optional(stallThreshold, { stalls: 10, within: minutes(15) }),
  startupGrace: optional(value.duration('1min', '6h'), minutes(20)),
  checkEvery: optional(value.duration('10s', '1h'), minutes(2)),
  maxRebootsInARow: optional(integer(1, 10), 3),
  healthyAfter: optional(value.duration('30min', '7d'), hours(6)),
});

/** Stalls between two looks must not fall out of the window. */
const rcuWatchdog = refine(rcuWatchdogFields, ({ burst, sustained, checkEvery }) =>
  Object.entries({ burst, sustained })
    .filter(([, { within }]) => within.seconds < checkEvery.seconds)
    .map(([name, { within }]) => ({
      path: `${name}.within`,
      message: `expected at least checkEvery (${formatDuration(checkEvery)}), got ${show(formatDuration(within))}`,
    })),
);

const sandboxCleanup = fields<SandboxCleanupSpec>()({
  databaseLockTimeout: optional(value.duration('1s', '10min'), { seconds: 30 }),
  timeout: optional(value.duration('10s', '30min'), minutes(2)),
});

const hungTask = fields<HungTaskSpec>()({
  timeout: optional(value.duration('10s', '1h'), { seconds: 120 }),
  panicTimeout: optional(value.duration('1s', '10min'), { seconds: 10 }),
});

const hardwareWatchdog = fields<HardwareWatchdogSpec>()({
  runtimeTimeout: optional(value.duration('1s', '1h'), null),
  rebootTimeout: optional(value.duration('1s', '1h'), null),
  device: optional(value.absolutePath, '/dev/watchdog'),
});

const kernel = fields<KernelSpec>()({
  hungTask: optional(hungTask, null),
  hardwareWatchdog: optional(hardwareWatchdog, null),
  arguments: optional(list(value.kernelArgument), []),
});

export const hosts = (node: Parser<string>) =>
  list(
    fields<HostsSpec<string>>()({
      nodes: list(node, { min: 1 }),
      name: optional(value.dnsLabel, null),
      rcuWatchdog: optional(rcuWatchdog, null),
      sandboxCleanup: optional(sandboxCleanup, null),
      kernel: optional(kernel, null),
    }),
  );
