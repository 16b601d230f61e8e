/** The policy that a description gives a node's watchdog. */
import type { RcuWatchdog } from '../../cluster/cluster.js';
import type { Policy, Threshold } from './policies.js';

export function describedPolicy(name: string, watchdog: RcuWatchdog): Policy {
  const common = {
    name,
    sources: 'all',
    graceSeconds: watchdog.startupGrace.seconds,
    graceClips: true,
    burst: threshold(watchdog.burst),
    sustained: threshold(watchdog.sustained),
    budget: { maxReboots: watchdog.maxRebootsInARow, healthySeconds: watchdog.healthyAfter.seconds },
  } as const;
  if (watchdog.form === 'timer')
    return {
      ...common,
      count: 'lines',
      checks: { firstSeconds: common.graceSeconds, everySeconds: watchdog.checkEvery.seconds },
      stuckSeconds: undefined,
      chronic: undefined,
      chronicAction: 'alert',
    };
  return {
    ...common,
    count: 'periods',
    checks: undefined,
    stuckSeconds: watchdog.stuck.seconds,
    chronic: threshold(watchdog.chronic),
    chronicAction: watchdog.chronic.action === 'alert' ? 'alert' : 'window',
  };
}

const threshold = ({
  stalls,
  within,
}: {
  readonly stalls: number;
  readonly within: { readonly seconds: number };
}): Threshold => ({ stalls, seconds: within.seconds });
