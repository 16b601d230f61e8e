/** Hosts that are not as described, and nodes that node-bootstrap does not reach. */
import { BOOTSTRAP_FILE, bootstrapPodOf } from '../world/parts/node-bootstrap.js';
import { change, gap, turn } from '../world/world.js';
import { all, type Change, notWritten, shows } from './changes.js';
import { BREAKS, type Proof } from './proof.js';

const EXPORTERS = ['node-exporter', 'kube-state-metrics'] as const;
const FOREVER = Number.POSITIVE_INFINITY;
const DAEMON_SET = { namespace: 'kube-system', daemonset: 'jarvis-node-bootstrap' };

const unavailable =
  (to = FOREVER): Change =>
  (world) =>
    change(world, { metric: 'kube_daemonset_status_number_unavailable', labels: DAEMON_SET }, ({ values }) =>
      turn(
        BREAKS,
        values,
        turn(to, () => 1, values),
      ),
    );

const notRunning =
  (to = FOREVER): Change =>
  (world) =>
    change(
      world,
      {
        metric: 'kube_pod_container_status_running',
        labels: { ...bootstrapPodOf(DAEMON_SET.daemonset, 'jarvis'), container: 'watch' },
      },
      ({ values }) =>
        turn(
          BREAKS,
          values,
          turn(to, () => 0, values),
        ),
    );

const deleted =
  (to = FOREVER): Change =>
  (world) =>
    change(world, { metric: 'kube_daemonset_created', labels: DAEMON_SET }, ({ values }) => gap(BREAKS, to, values));

const items = (node: string, state: string, to = FOREVER): Change =>
  shows(node, { metric: 'selfheal_bootstrap_items', labels: { state } }, 2, BREAKS, to);

const up = (value: number, to = FOREVER): Change =>
  shows('jarvis', { metric: 'selfheal_bootstrap_up' }, value, BREAKS, to);

/** From one nightly window to the next, and a day. */
const WAITED = 2 * 24 * 60;
const KERNEL = { metric: 'selfheal_reboot_pending', labels: { reason: 'kernel' } };

/** A node of shed waits for a reboot, from BREAKS on until another minute. */
const waits = (reason: string, to = FOREVER): Change => shows('bulb', { ...KERNEL, labels: { reason } }, 1, BREAKS, to);

/** Nobody hears what the hosts say of their reboots for so many minutes, and then the same as before. */
const unheard =
  (from: number, to: number): Change =>
  (world) =>
    change(world, { metric: KERNEL.metric }, ({ values }) => gap(from, to, values));

export const PROOFS: readonly Proof[] = [
  {
    alert: 'NodeBootstrapUnavailable',
    cluster: 'homelab',
    broken: unavailable(),
    fires: [DAEMON_SET],
    after: 15,
    justWell: unavailable(BREAKS + 15),
    justTooMuch: unavailable(BREAKS + 16),
    survives: EXPORTERS,
  },
  {
    // Drift on its own host is why it is not available, and has an alert of its own; drift elsewhere says nothing of it.
    alert: 'NodeBootstrapUnavailable',
    cluster: 'homelab',
    broken: all(unavailable(), items('ultron', 'drifted')),
    fires: [DAEMON_SET],
    after: 15,
    justWell: all(unavailable(), items('jarvis', 'drifted')),
    justTooMuch: all(unavailable(), items('jarvis', 'kept')),
    survives: EXPORTERS,
  },
  {
    alert: 'NodeBootstrapMissing',
    cluster: 'homelab',
    broken: notRunning(),
    fires: [{ node: 'jarvis' }],
    after: 15,
    justWell: notRunning(BREAKS + 15),
    justTooMuch: notRunning(BREAKS + 16),
    survives: EXPORTERS,
  },
  {
    alert: 'NodeBootstrapAbsent',
    cluster: 'homelab',
    broken: deleted(),
    fires: [DAEMON_SET],
    after: 15,
    justWell: deleted(BREAKS + 15),
    justTooMuch: deleted(BREAKS + 16),
    survives: EXPORTERS,
  },
  ...['drifted', 'refused'].map(
    (state): Proof => ({
      alert: 'NodeBootstrapDrifted',
      cluster: 'homelab',
      broken: items('jarvis', state),
      fires: [{ node: 'jarvis' }],
      after: 15,
      justWell: all(items('jarvis', state, BREAKS + 15), items('jarvis', 'cannot-tell')),
      justTooMuch: items('jarvis', state, BREAKS + 16),
      survives: EXPORTERS,
    }),
  ),
  {
    // Ten minutes until the last of the looks, which come every five, is a quarter of an hour old, and as long again.
    alert: 'NodeBootstrapSilent',
    cluster: 'homelab',
    broken: notWritten('jarvis', BOOTSTRAP_FILE),
    fires: [{ node: 'jarvis' }],
    after: 25,
    justWell: notWritten('jarvis', BOOTSTRAP_FILE, BREAKS + 25),
    justTooMuch: notWritten('jarvis', BOOTSTRAP_FILE, BREAKS + 26),
    survives: EXPORTERS,
  },
  {
    alert: 'NodeBootstrapSilent',
    cluster: 'homelab',
    broken: up(0),
    fires: [{ node: 'jarvis' }],
    after: 15,
    justWell: up(0, BREAKS + 15),
    justTooMuch: up(0, BREAKS + 16),
    survives: EXPORTERS,
  },
  {
    alert: 'NodeRebootPending',
    cluster: 'shed',
    broken: waits('kernel'),
    fires: [{ node: 'bulb' }],
    after: WAITED,
    justWell: waits('kernel', BREAKS + WAITED),
    justTooMuch: waits('kernel', BREAKS + WAITED + 1),
    survives: EXPORTERS,
    // It reads no time: only its name sounds so.
    clocks: [],
    minutes: BREAKS + WAITED + 60,
  },
  {
    // The reasons take turns, and for half a day nobody hears of them. Rebooted within the time, it waits anew.
    alert: 'NodeRebootPending',
    cluster: 'shed',
    broken: all(waits('kernel', 900), waits('reboot-required'), unheard(1200, 1920)),
    fires: [{ node: 'bulb' }],
    after: WAITED,
    justWell: all(waits('kernel'), shows('bulb', KERNEL, 0, 1200, 1260)),
    justTooMuch: all(waits('kernel-arguments'), unheard(1200, 1260)),
    survives: [],
    clocks: [],
    minutes: BREAKS + WAITED + 60,
  },
];
