/** Nodes that do not answer from outside, and a prober that does not. */
import { change, gap, turn } from '../world/world.js';
import { all, type Change } from './changes.js';
import { cordoned } from './kernel.js';
import { BREAKS, type Proof } from './proof.js';

const FOREVER = Number.POSITIVE_INFINITY;
const OF_JARVIS = { job: 'selfheal-reachability', node: 'jarvis', instance: 'jarvis' };

const dark =
  (to = FOREVER, labels: Readonly<Record<string, string>> = {}): Change =>
  (world) =>
    change(world, { metric: 'probe_success', labels: { ...OF_JARVIS, ...labels } }, ({ values }) =>
      turn(
        BREAKS,
        values,
        turn(to, () => 0, values),
      ),
    );

const notAsked =
  (to = FOREVER): Change =>
  (world) =>
    change(world, { metric: 'probe_success', labels: OF_JARVIS }, ({ values }) => gap(BREAKS, to, values));

export const PROOFS: readonly Proof[] = [
  {
    // A node that answers one of the two questions is there.
    alert: 'NodeUnreachableFromOutside',
    cluster: 'homelab',
    broken: dark(),
    fires: [{ node: 'jarvis', instance: 'jarvis' }],
    after: 1,
    justWell: all(dark(BREAKS + 1), dark(FOREVER, { probe: 'reachability-icmp' })),
    justTooMuch: dark(BREAKS + 2),
    survives: ['blackbox', 'kube-state-metrics'],
  },
  {
    // Cordoned for good: as long as a planned reboot takes, and then it is told all the same.
    alert: 'NodeUnreachableFromOutside',
    cluster: 'homelab',
    broken: all(cordoned('jarvis', 0, FOREVER), dark()),
    fires: [{ node: 'jarvis', instance: 'jarvis' }],
    after: 16,
    justWell: all(cordoned('jarvis', 0, FOREVER), dark(BREAKS + 16)),
    justTooMuch: all(cordoned('jarvis', 0, FOREVER), dark(BREAKS + 17)),
    survives: ['blackbox', 'kube-state-metrics'],
  },
  {
    // The other node is still asked.
    alert: 'OutsideProberSilent',
    cluster: 'homelab',
    broken: notAsked(),
    fires: [{ job: 'selfheal-reachability' }],
    after: 10,
    justWell: notAsked(BREAKS + 10),
    justTooMuch: notAsked(BREAKS + 11),
    survives: ['kube-state-metrics'],
  },
];
