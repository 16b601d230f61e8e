/** The RCU watchdog cannot see stalls from before its start-up grace ended. */
import type { HostGroup } from '../../cluster/cluster.js';
import { show } from '../../manifest/json.js';
import type { Guardrail, Violation } from '../guardrail.js';
import type { Inspection } from '../inspection.js';
import { commandLines } from '../scripts.js';

export const rcuWatchdogAfterGrace: Guardrail = {
  id: 'rcu-watchdog-after-grace',
  severity: 'error',
  lesson:
    'The watchdog woke up 15 minutes after boot, found the boot storm in its look-back window and rebooted into the next one.',
  incident: 'apr-3-reboot-loop',
  check: (inspection) => [
    ...graces(inspection),
    ...unclipped(inspection),
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

/** It knows the kernel's words, `detected expedited stalls` and its like. */
const countsStalls = (text: string): boolean => /detected\b.*\bstalls?\b/.test(text);

/** A shell script that also reads them itself. */
const isWatchdogScript = (text: string): boolean =>
  /^#!/.test(text) && /\b(dmesg|journalctl|kmsg)\b/.test(text) && countsStalls(text);

/** The start of a window is never before the end of the grace (shell), or what is older is not let in (awk). */
const FLOOR = /^\w*(from|since|start)\w*=.*grace|^if \(at < grace\w*( && grace_clips)?\) (return|next)\b/i;

interface Program {
  readonly where: string;
  readonly lines: readonly string[];
}

/** Shell scripts that count by themselves, and the awk files of a host, which are one program. */
function programsFor({ name }: HostGroup, { payloads, scripts }: Inspection): readonly Program[] {
  const own = payloads.filter(({ group }) => group?.name === name);
  const installed = new Set(own.map(({ object }) => object));
  const shell = scripts.filter(({ object, text }) => object && installed.has(object) && isWatchdogScript(text));
  const awk = own.flatMap(({ where, texts }) => {
    const parts = texts.filter(({ key }) => key.endsWith('.awk'));
    return parts.some(({ text }) => countsStalls(text))
      ? [{ where: `${where}, awk`, lines: parts.flatMap(({ text }) => commandLines(text)) }]
      : [];
  });
  return [...shell, ...awk];
}

function floor(group: HostGroup, inspection: Inspection): readonly Violation[] {
  const mend = 'let the program begin each window at the end of the grace at the earliest, in seconds since boot';
  const watchdogs = programsFor(group, inspection);
  if (watchdogs.length === 0)
    return [
      {
        where: `hosts '${group.name}', rcuWatchdog`,
        found: 'expected a program on the hosts that counts stalls, got none',
        mend: 'install it by node-bootstrap',
      },
    ];
  return watchdogs.flatMap(({ where, lines }): readonly Violation[] => {
    const byClock = lines.find((line) => /\bjournalctl\b.*\s(--since|-S)\b/.test(line));
    return [
      ...(lines.some((line) => FLOOR.test(line))
        ? []
        : [{ where, found: 'expected windows that begin after the grace, got no such line', mend }]),
      ...(byClock === undefined
        ? []
        : [{ where, found: `expected windows in seconds since boot, got ${show(byClock.slice(0, 80))}`, mend }]),
    ];
  });
}

/** As the detector of a replay is told to do what v1 to v3 did. */
function unclipped({ payloads, scripts }: Inspection): readonly Violation[] {
  const installed = new Set(payloads.filter(({ group }) => group?.rcuWatchdog).map(({ object }) => object));
  return scripts
    .filter(({ object, lines }) => object && installed.has(object) && lines.some((l) => /\bgrace_clips=0\b/.test(l)))
    .map(({ where }) => ({
      where,
      found: 'expected grace_clips=1, got 0, by which windows reach back into the grace',
      mend: 'leave it at 1 on hosts',
    }));
}
