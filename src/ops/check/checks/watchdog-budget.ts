/** Every watchdog looks, may still act, and is not held back from an act that it wants. */
import type { RcuWatchdog } from '../../../cluster/cluster.js';
import { counted } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import { type Host, onEachHost, reportOf } from '../hosts.js';
import { spanOf } from '../live.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';
import { WATCHDOG } from '../thresholds.js';

const say = saying('watchdog-budget');

export const watchdogBudgetCheck: HealthCheck = {
  id: 'watchdog-budget',
  summary: 'every RCU watchdog looks, has reboots left, and is not held back',
  asks: ['hostReports'],
  applies: ({ hosts }) => hosts.some(({ state, rcuWatchdog }) => state === 'described' && rcuWatchdog !== null),
  answer: (facts) =>
    onEachHost(facts, {
      say,
      of: 'others',
      isFor: ({ rcuWatchdog }) => rcuWatchdog !== null,
      well: 'its watchdog looks and has reboots left',
      judge: (host) => (host.group.rcuWatchdog === null ? [] : judge(host, host.group.rcuWatchdog)),
    }),
};

function judge({ node, report: { watchdog, uptimeSeconds } }: Host, described: RcuWatchdog): readonly CheckResult[] {
  const subject = `watchdog of host ${node.name}`;
  const next = `on ${node.name}: sudo selfheal-watchdog status`;
  const { silent, first } = limitsOf(described);
  const silentSeconds = watchdog?.silentSeconds ?? null;
  if (silentSeconds === null) {
    // The first tick of the timer form comes only after its grace.
    if (uptimeSeconds === null || uptimeSeconds <= first + silent)
      return [say.unknown(subject, 'it has left no sign of life yet, so soon after the boot', reportOf(node.name))];
    return [say.fail(subject, { expected: 'a sign of life in this boot', found: 'none: it does not run', next })];
  }
  if (silentSeconds > silent)
    return [
      say.fail(subject, {
        expected: `a sign of life within ${spanOf(silent * 1_000)}`,
        found: `the last one ${spanOf(silentSeconds * 1_000)} old`,
        next,
      }),
    ];
  const { budgetLeft = null, held = null } = watchdog ?? {};
  if (budgetLeft === null || held === null)
    return [say.unknown(subject, 'its budget cannot be told: it has left no metrics', next)];
  return [
    ...(budgetLeft === 0
      ? [
          say.fail(subject, {
            expected: 'reboots left',
            found: 'all used up: it only reports, and nobody heals this host',
            next: `${next}; find why it had to act, then let it be quiet until its budget is back`,
          }),
        ]
      : []),
    ...(held
      ? [
          say.fail(subject, {
            expected: 'nothing that it wants to act on',
            found: `it would reboot this host and is held back, with ${counted(budgetLeft, 'reboot')} left`,
            next,
          }),
        ]
      : []),
  ];
}

function limitsOf(watchdog: RcuWatchdog): { readonly silent: number; readonly first: number } {
  return watchdog.form === 'timer'
    ? { silent: WATCHDOG.missed * watchdog.checkEvery.seconds, first: watchdog.startupGrace.seconds }
    : { silent: WATCHDOG.missed * WATCHDOG.tickSeconds, first: 0 };
}
