/** The RCU watchdog's thresholds are above what a healthy node logs. */
import type { Guardrail, Violation } from '../guardrail.js';
import type { Inspection } from '../inspection.js';

export const rcuWatchdogAboveNoise: Guardrail = {
  id: 'rcu-watchdog-above-noise',
  severity: 'error',
  lesson:
    'Three stalls in ten minutes are normal noise, and a watchdog with that threshold rebooted the node ten times in three hours.',
  incident: 'apr-3-reboot-loop',
  check: (inspection) =>
    thresholdsOf(inspection).flatMap(({ where, stalls, seconds }): readonly Violation[] => {
      const noise = noiseIn(seconds);
      return stalls > noise
        ? []
        : [
            {
              where,
              found: `expected more stalls than the ${noise} that a healthy node may log in ${seconds / 60} minutes, got ${stalls}`,
              mend: `ask for at least ${noise + 1}, or for a shorter window`,
            },
          ];
    }),
};

/**
 * The most that was counted on a node which then went on running: 8 in ten minutes after a reboot, at 3.9 in ten
 * minutes on average, and up to 5 in ten minutes at any time.
 */
const PEAK = { stalls: 8, seconds: 600 } as const;
const AFTER_REBOOT_PER_SECOND = 3.9 / 600;
const ANY_TIME_PER_SECOND = 5 / 600;

/** A peak may lie in any window as a whole; what is longer adds the average. */
function noiseIn(seconds: number): number {
  const peak = PEAK.stalls + Math.max(0, seconds - PEAK.seconds) * AFTER_REBOOT_PER_SECOND;
  return Math.floor(Math.max(peak, seconds * ANY_TIME_PER_SECOND));
}

interface Threshold {
  readonly where: string;
  readonly stalls: number;
  readonly seconds: number;
}

/** Those of the description, and those that the settings files on the hosts will carry. */
function thresholdsOf({ cluster, payloads }: Inspection): readonly Threshold[] {
  const described = cluster.hosts.flatMap(({ name, rcuWatchdog }) =>
    rcuWatchdog === null
      ? []
      : (['burst', 'sustained'] as const).map((path) => ({
          where: `hosts '${name}', rcuWatchdog.${path}`,
          stalls: rcuWatchdog[path].stalls,
          seconds: rcuWatchdog[path].within.seconds,
        })),
  );
  const installed = payloads.flatMap(({ where, settings }) => {
    const values = new Map(settings.map(({ name, value }) => [name, Number(value)]));
    return ['BURST', 'SUSTAINED'].flatMap((path) => {
      const stalls = values.get(`RCU_WATCHDOG_${path}_STALLS`);
      const seconds = values.get(`RCU_WATCHDOG_${path}_SECONDS`);
      return stalls === undefined || seconds === undefined
        ? []
        : [{ where: `${where}, RCU_WATCHDOG_${path}_STALLS`, stalls, seconds }];
    });
  });
  return [...described, ...installed];
}
