/** The RCU watchdog looks often enough, and early enough, to see a burst; as a stream it misses none. */
import type { Guardrail, Violation } from '../guardrail.js';

export const rcuWatchdogSeesBurst: Guardrail = {
  id: 'rcu-watchdog-sees-burst',
  severity: 'error',
  lesson: 'Thirty stalls in sixty seconds fell between two looks of a watchdog that came by every five minutes.',
  incident: 'apr-5-burst',
  check: ({ cluster: { hosts } }) =>
    hosts.flatMap(({ name, rcuWatchdog }): readonly Violation[] => {
      if (rcuWatchdog === null) return [];
      const { burst } = rcuWatchdog;
      const where = `hosts '${name}', rcuWatchdog`;
      // A stream has no looks for a burst to fall between.
      const between = rcuWatchdog.form === 'timer' ? rcuWatchdog.checkEvery.seconds : 0;
      return [
        ...(between <= burst.within.seconds
          ? []
          : [
              {
                where,
                found: `expected a look at least every ${burst.within.seconds} seconds (the burst window), got every ${between}`,
                mend: "make checkEvery at most burst.within, or leave out form: 'timer': what lies between two windows is never counted",
              },
            ]),
        ...(burst.stalls <= BURST
          ? []
          : [
              {
                where,
                found: `expected the burst of ${BURST} stalls in a minute to be enough, got a threshold of ${burst.stalls}`,
                mend: `make burst.stalls at most ${BURST}`,
              },
            ]),
      ];
    }),
};

/** April 5: the node was gone a minute later. */
const BURST = 30;
