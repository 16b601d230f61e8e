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
];
