/** What the RCU watchdogs do, and what they will not do: homelab's streams, and the timer of the attic. */
import { WATCHDOG_FILE } from '../world/parts/rcu-watchdog.js';
import { all, type Change, notWritten, shows } from './changes.js';
import { boots } from './kernel.js';
import { BREAKS, type Proof } from './proof.js';

const EXPORTERS = ['node-exporter', 'kube-state-metrics'] as const;

const says = (metric: string, value: number, to?: number): Change =>
  shows('jarvis', { metric: `selfheal_watchdog_${metric}` }, value, BREAKS, to);

/** It boots at each of these minutes, and each is one more of the watchdog's. */
const rebooted = (node: string, ...minutes: readonly number[]): Change =>
  all(
    boots(node, ...minutes),
    shows(
      node,
      { metric: 'selfheal_watchdog_reboots_total' },
      (at) => 4 + minutes.filter((minute) => minute <= at).length,
    ),
  );

/** It boots at BREAKS, and its exporter shows what the watchdog wrote only so many minutes later. */
const seenLate = (node: string, minutes: number): Change =>
  all(
    boots(node, BREAKS),
    shows(node, { metric: 'selfheal_watchdog_reboots_total' }, () => null, BREAKS - 2, BREAKS + minutes),
    shows(node, { metric: 'selfheal_watchdog_reboots_total' }, 5, BREAKS + minutes),
  );

/** Nothing is written before a minute after a boot at BREAKS. */
const quietUntil = (node: string, minute?: number): Change =>
  all(boots(node, BREAKS), notWritten(node, WATCHDOG_FILE, minute, BREAKS - 2));

export const PROOFS: readonly Proof[] = [
  {
    alert: 'RcuWatchdogRebootedNode',
    cluster: 'homelab',
    broken: rebooted('jarvis', BREAKS, BREAKS + 55, BREAKS + 110),
    fires: [{ node: 'jarvis' }],
    after: 0,
    justWell: seenLate('jarvis', 60),
    justTooMuch: seenLate('jarvis', 59),
    survives: EXPORTERS,
  },
  {
    alert: 'RcuWatchdogRebootedNode',
    cluster: 'attic',
    broken: rebooted('lamp', BREAKS, BREAKS + 55, BREAKS + 110),
    fires: [{ node: 'lamp' }],
    after: 0,
    justWell: seenLate('lamp', 80),
    justTooMuch: seenLate('lamp', 79),
    survives: EXPORTERS,
  },
  {
    // Booted by something else.
    alert: 'RcuWatchdogRebootedNode',
    cluster: 'homelab',
    broken: rebooted('ultron', BREAKS, BREAKS + 30, BREAKS + 60, BREAKS + 90),
    fires: [{ node: 'ultron' }],
    after: 0,
    justWell: boots('ultron', BREAKS),
    justTooMuch: rebooted('ultron', BREAKS),
    survives: EXPORTERS,
  },
  {
    alert: 'RcuWatchdogBudgetSpent',
    cluster: 'homelab',
    broken: says('budget_remaining', 0),
    fires: [{ node: 'jarvis' }],
    after: 0,
    justWell: says('budget_remaining', 1),
    justTooMuch: says('budget_remaining', 0, BREAKS + 1),
    survives: EXPORTERS,
  },
  {
    alert: 'RcuWatchdogHeld',
    cluster: 'homelab',
    broken: says('held', 1),
    fires: [{ node: 'jarvis' }],
    after: 10,
    justWell: says('held', 1, BREAKS + 10),
    justTooMuch: says('held', 1, BREAKS + 11),
    survives: EXPORTERS,
  },
  {
    // Five minutes until a watchdog would go, and three for each of the two nodes.
    alert: 'RcuWatchdogBlackHole',
    cluster: 'homelab',
    broken: says('black_hole', 1),
    fires: [{ node: 'jarvis' }],
    after: 11,
    justWell: says('black_hole', 1, BREAKS + 11),
    justTooMuch: says('black_hole', 1, BREAKS + 12),
    survives: EXPORTERS,
  },
  {
    // Four minutes until the last writing is out of sight, and five more.
    alert: 'RcuWatchdogSilent',
    cluster: 'homelab',
    broken: notWritten('jarvis', WATCHDOG_FILE),
    fires: [{ node: 'jarvis' }],
    after: 9,
    justWell: notWritten('jarvis', WATCHDOG_FILE, BREAKS + 9),
    justTooMuch: notWritten('jarvis', WATCHDOG_FILE, BREAKS + 10),
    survives: EXPORTERS,
  },
  {
    alert: 'RcuWatchdogSilent',
    cluster: 'homelab',
    broken: says('up', 0),
    fires: [{ node: 'jarvis' }],
    after: 5,
    justWell: says('up', 0, BREAKS + 5),
    justTooMuch: says('up', 0, BREAKS + 6),
    survives: EXPORTERS,
  },
  {
    // After a boot it has five minutes to begin.
    alert: 'RcuWatchdogSilent',
    cluster: 'homelab',
    broken: quietUntil('jarvis'),
    fires: [{ node: 'jarvis' }],
    after: 10,
    justWell: quietUntil('jarvis', BREAKS + 10),
    justTooMuch: quietUntil('jarvis', BREAKS + 11),
    survives: EXPORTERS,
  },
  {
    // The timer is expected again 20 minutes after a boot and five rounds of two minutes.
    alert: 'RcuWatchdogSilent',
    cluster: 'attic',
    broken: notWritten('lamp', WATCHDOG_FILE),
    fires: [{ node: 'lamp' }],
    after: 13,
    justWell: quietUntil('lamp', BREAKS + 35),
    justTooMuch: quietUntil('lamp', BREAKS + 36),
    survives: EXPORTERS,
  },
];
