/** What the RCU watchdogs see in the kernel log. */
import { all, type Change, shows } from './changes.js';
import { BREAKS, type Proof } from './proof.js';

const EXPORTERS = ['node-exporter', 'kube-state-metrics'] as const;

const stalls = (
  node: string,
  window: string,
  value: number | ((minute: number) => number),
  from = BREAKS,
  to?: number,
) => shows(node, { metric: 'selfheal_watchdog_stalls', labels: { window } }, value, from, to);

/** One more of a kind each minute, up to so many. */
const events = (kind: string, most = Number.POSITIVE_INFINITY, before = 0): Change =>
  shows(
    'jarvis',
    { metric: 'selfheal_watchdog_events_total', labels: { kind } },
    (minute) => before + Math.min(minute - BREAKS + 1, most),
  );

const calibrated = (value: number, to?: number): Change =>
  shows('jarvis', { metric: 'selfheal_watchdog_calibrated' }, value, BREAKS, to);

const KINDS = ['hung-task', 'soft-lockup', 'hard-lockup', 'nfs-not-responding'] as const;

/** How many OOM kills the node had had before. */
const OOM_BEFORE = 3;

/** Five in five minutes, and so many minutes after the last of them five more. */
const twiceFive = (kind: string, minutes: number): Change =>
  shows('jarvis', { metric: 'selfheal_watchdog_events_total', labels: { kind } }, (minute) => {
    const [first, second] = [minute - BREAKS + 1, minute - BREAKS - 4 - minutes + 1];
    return OOM_BEFORE + Math.min(first, 5) + Math.min(Math.max(second, 0), 5);
  });

export const PROOFS: readonly Proof[] = [
  {
    alert: 'RcuStallsChronic',
    cluster: 'homelab',
    broken: stalls('jarvis', 'chronic', 100),
    fires: [{ node: 'jarvis' }],
    after: 0,
    justWell: stalls('jarvis', 'chronic', 99),
    justTooMuch: stalls('jarvis', 'chronic', 100, BREAKS, BREAKS + 1),
    survives: EXPORTERS,
  },
  {
    // An hour of one to three stalls comes before it: it must nearly be forgotten until five and six are too many on average.
    alert: 'RcuStallsChronic',
    cluster: 'attic',
    broken: stalls('lamp', 'sustained', (minute) => 5 + (minute % 2)),
    fires: [{ node: 'lamp' }],
    after: 316,
    justWell: stalls('lamp', 'sustained', 5, 0),
    justTooMuch: stalls('lamp', 'sustained', (minute) => (minute % 60 === 0 ? 6 : 5), 0),
    survives: EXPORTERS,
    minutes: 480,
  },
  ...['lost', 'unparsed'].map(
    (kind): Proof => ({
      alert: 'RcuWatchdogLostKernelLines',
      cluster: 'homelab',
      broken: events(kind),
      fires: [{ node: 'jarvis', kind }],
      after: 0,
      justWell: all(events('report', 100, 4000), events('grace-period', 100, 4000)),
      justTooMuch: events(kind, 1),
      survives: EXPORTERS,
    }),
  ),
  ...KINDS.map(
    (kind): Proof => ({
      alert: 'NodeKernelTroubles',
      cluster: 'homelab',
      broken: events(kind),
      fires: [{ node: 'jarvis', kind }],
      after: 0,
      justWell: events('oom-kill', 5, OOM_BEFORE),
      justTooMuch: events(kind, 1),
      survives: EXPORTERS,
    }),
  ),
  {
    alert: 'NodeKernelTroubles',
    cluster: 'homelab',
    broken: events('oom-kill', Number.POSITIVE_INFINITY, OOM_BEFORE),
    fires: [{ node: 'jarvis', kind: 'oom-kill' }],
    after: 5,
    justWell: twiceFive('oom-kill', 61),
    justTooMuch: events('oom-kill', 6, OOM_BEFORE),
    survives: EXPORTERS,
  },
  {
    alert: 'RcuWatchdogUncalibrated',
    cluster: 'homelab',
    broken: calibrated(0),
    fires: [{ node: 'jarvis' }],
    after: 15,
    justWell: calibrated(0, BREAKS + 15),
    justTooMuch: calibrated(0, BREAKS + 16),
    survives: EXPORTERS,
  },
];
