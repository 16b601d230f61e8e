/** The RCU watchdog cannot see stalls from before its start-up grace ended. */
import type { HostGroup } from '../../cluster/cluster.js';
import type { Guardrail, Violation } from '../guardrail.js';
import type { Inspection } from '../inspection.js';
import { show } from '../json.js';

export const rcuWatchdogAfterGrace: Guardrail = {
  id: 'rcu-watchdog-after-grace',
  severity: 'error',
  lesson:
    'The watchdog woke up 15 minutes after boot, found the boot storm in its look-back window and rebooted into the next one.',
  incident: 'apr-3-reboot-loop',
  check: (inspection) => [
    ...graces(inspection),
    ...inspection.cluster.hosts.flatMap((group) => (group.rcuWatchdog === null ? [] : floor(group, inspection))),
  ],
};

/** The storm of April 3: 75 stalls in two and a half minutes, all of them harmless. */
const BOOT_STORM_SECONDS = 150;

function graces({ cluster, payloads }: Inspection): readonly Violation[] {
  const described = cluster.hosts.flatMap(({ name, rcuWatchdog }) =>
    rcuWatchdog === null
      ? []
      : [{ where: `hosts '${name}', rcuWatchdog.startupGrace`, seconds: rcuWatchdog.startupGrace.seconds }],
  );
  const installed = payloads
    .flatMap(({ settings }) => settings)
    .filter(({ name }) => name === 'RCU_WATCHDOG_GRACE_SECONDS')
    .map(({ where, value }) => ({ where, seconds: Number(value) }));
  return [...described, ...installed]
    .filter(({ seconds }) => !(seconds >= BOOT_STORM_SECONDS))
    .map(({ where, seconds }) => ({
      where,
      found: `expected a grace of at least ${BOOT_STORM_SECONDS} seconds (the boot storm), got ${seconds}`,
      mend: 'leave startupGrace at 20min',
    }));
}

/** It knows the kernel's words, `detected expedited stalls` and its like, and where they are written. */
const isWatchdogScript = (text: string): boolean =>
  /^#!/.test(text) && /\b(dmesg|journalctl|kmsg)\b/.test(text) && /detected\b.*\bstalls?\b/.test(text);

/** The start of a window is never before the end of the grace. */
const FLOOR = /^\w*(from|since|start)\w*=.*grace/i;

function floor({ name }: HostGroup, { payloads, scripts }: Inspection): readonly Violation[] {
  const where = `hosts '${name}', rcuWatchdog`;
  const mend = 'let the script begin each window at the end of the grace at the earliest, in seconds since boot';
  const installed = new Set(payloads.filter(({ group }) => group?.name === name).map(({ object }) => object));
  const watchdogs = scripts.filter(({ object, text }) => object && installed.has(object) && isWatchdogScript(text));
  if (watchdogs.length === 0)
    return [
      {
        where,
        found: 'expected a script on the hosts that counts stalls, got none',
        mend: 'install it by node-bootstrap',
      },
    ];
  return watchdogs.flatMap(({ where: script, lines }): readonly Violation[] => {
    const byClock = lines.find((line) => /\bjournalctl\b.*\s(--since|-S)\b/.test(line));
    return [
      ...(lines.some((line) => FLOOR.test(line))
        ? []
        : [{ where: script, found: 'expected windows that begin after the grace, got no such line', mend }]),
      ...(byClock === undefined
        ? []
        : [
            {
              where: script,
              found: `expected windows in seconds since boot, got ${show(byClock.slice(0, 80))}`,
              mend,
            },
          ]),
    ];
  });
}
