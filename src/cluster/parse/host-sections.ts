/** What a spec says of hosts, with its defaults. */
import { minutes } from '../duration.js';
import type {
  BeforeRebootSpec,
  ChecksSpec,
  HardwareWatchdogSpec,
  HostsSpec,
  HungNetworkCallSpec,
  HungTaskSpec,
  KernelSpec,
  NrpeSpec,
  SandboxCleanupSpec,
} from '../spec/hosts.js';
import { fields, optional } from './fields.js';
import { type Issue, show } from './issue.js';
import { list, map, oneOf, orWord, type Parser, record } from './parser.js';
import { rcuWatchdog } from './rcu-watchdog.js';
import * as value from './values.js';

const beforeReboot = fields<BeforeRebootSpec>()({ timeout: value.duration('10s', '5min') });
const hungNetworkCall = fields<HungNetworkCallSpec>()({ after: value.duration('5min', '6h') });

const sandboxCleanup = fields<SandboxCleanupSpec>()({
  databaseLockTimeout: optional(value.duration('1s', '10min'), { seconds: 30 }),
  timeout: optional(value.duration('10s', '30min'), minutes(2)),
  beforeReboot: optional(
    map(orWord('off', beforeReboot), (settings) => (settings === 'off' ? null : settings)),
    { timeout: { seconds: 30 } },
  ),
  hungNetworkCall: optional(
    map(orWord('off', hungNetworkCall), (settings) => (settings === 'off' ? null : settings)),
    { after: minutes(10) },
  ),
});

const KUBECONFIG = '/etc/selfheal/checks.kubeconfig';
/** Its path is a word of NRPE's commands; and somebody may put its content there. */
const nrpe = fields<NrpeSpec>()({ kubeconfig: optional(value.secretFile, KUBECONFIG) });

const checks = fields<ChecksSpec>()({
  nrpe: optional(
    map(orWord('off', nrpe), (settings) => (settings === 'off' ? null : settings)),
    { kubeconfig: KUBECONFIG },
  ),
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

/** The kernel takes `-` for `_` in both. */
const kernelName = (name: string): string => name.replaceAll('-', '_');

/** A name with two values, and a boot that sets one and a pod that sets the other. */
function contradictions({
  arguments: words,
  parameters,
}: {
  arguments: readonly string[];
  parameters: ReadonlyMap<string, string>;
}): Issue[] {
  const asked = new Map<string, { readonly value: string; readonly by: string }>();
  for (const word of words) {
    const [name = '', ...rest] = word.split('=');
    asked.set(kernelName(name), { value: rest.join('='), by: `the argument ${show(word)}` });
  }
  return [...parameters].flatMap(([name, value]) => {
    const other = asked.get(kernelName(name));
    asked.set(kernelName(name), { value, by: show(name) });
    return other === undefined || other.value === value
      ? []
      : [
          {
            path: `parameters.${name}`,
            message: `expected ${show(other.value)} as ${other.by} says (the same setting), got ${show(value)}`,
          },
        ];
  });
}

const kernel = fields<KernelSpec>()(
  {
    hungTask: optional(hungTask, null),
    hardwareWatchdog: optional(hardwareWatchdog, null),
    arguments: optional(list(value.kernelArgument), []),
    parameters: optional(record(value.moduleParameter, value.parameterValue), new Map<string, string>()),
  },
  { checks: [contradictions] },
);

export const hosts = (node: Parser<string>) =>
  list(
    fields<HostsSpec<string>>()({
      nodes: list(node, { min: 1 }),
      name: optional(value.dnsLabel, null),
      rcuWatchdog: optional(rcuWatchdog, null),
      sandboxCleanup: optional(sandboxCleanup, null),
      kernel: optional(kernel, null),
      checks: optional(checks, null),
      driftCheck: optional(value.duration('1min', '1d'), minutes(5)),
      onDrift: optional(oneOf('report', 'restore'), 'report'),
      state: optional(oneOf('described', 'absent'), 'described'),
    }),
  );
