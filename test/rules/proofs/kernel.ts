/** Reboots, and the hardware watchdog. */
import { reboot } from '../world/disturbances.js';
import { exporterOf } from '../world/parts/nodes.js';
import { change, gap, turn, type Values, type World } from '../world/world.js';
import { all, type Change } from './changes.js';
import { BREAKS, type Proof } from './proof.js';

/** The node boots at each of these minutes, after two minutes away. */
export const boots = (node: string, ...minutes: readonly number[]): Change =>
  all(...minutes.map((minute) => (world: World) => reboot(world, node, minute - 2, minute)));

/** Every half an hour, for as long as is looked at. */
const LOOP = Array.from({ length: 14 }, (_, boot) => BREAKS + 30 * boot);

const withWatchdogInState =
  (state: string, from: number, to: number): Change =>
  (world) => {
    const which = { metric: 'node_watchdog_info', labels: { pod: exporterOf('jarvis').pod } };
    const rest = change(world, which, ({ values }) => gap(from, to, values));
    const inState = world
      .filter(({ metric, labels }) => metric === which.metric && labels.pod === which.labels.pod)
      .map(({ metric, labels }) => ({
        metric,
        labels: { ...labels, state },
        values: ((minute) => (minute >= from && minute < to ? 1 : null)) as Values,
      }));
    return [...rest, ...inState];
  };

const withoutWatchdog =
  (from: number, to = Number.POSITIVE_INFINITY): Change =>
  (world) =>
    change(world, { metric: 'node_watchdog_info', labels: { pod: exporterOf('jarvis').pod } }, ({ values }) =>
      gap(from, to, values),
    );

export const PROOFS: readonly Proof[] = [
  {
    alert: 'NodeUnexpectedReboot',
    cluster: 'homelab',
    broken: boots('jarvis', BREAKS, BREAKS + 30, BREAKS + 60, BREAKS + 90, BREAKS + 118),
    fires: [{ node: 'jarvis' }],
    after: 0,
    // Cordoned half an hour before it is back, and uncordoned at once: the last minute that is still remembered.
    justWell: (world) => cordoned('jarvis', BREAKS - 20, BREAKS - 15)(boots('jarvis', BREAKS)(world)),
    justTooMuch: (world) => cordoned('jarvis', BREAKS - 40, BREAKS - 32)(boots('jarvis', BREAKS)(world)),
    survives: ['node-exporter', 'kube-state-metrics'],
  },
  {
    alert: 'NodeRepeatedReboots',
    cluster: 'homelab',
    broken: boots('jarvis', ...LOOP),
    fires: [{ node: 'jarvis' }],
    after: 60,
    // The first is seen by the sample before it, three minutes earlier: six hours after that one it is forgotten.
    justWell: boots('jarvis', BREAKS, BREAKS + 180, BREAKS + 358),
    justTooMuch: boots('jarvis', BREAKS, BREAKS + 180, BREAKS + 357),
    survives: ['node-exporter', 'kube-state-metrics'],
    minutes: 480,
  },
  {
    alert: 'HardwareWatchdogNotArmed',
    cluster: 'homelab',
    broken: withWatchdogInState('inactive', BREAKS, Number.POSITIVE_INFINITY),
    fires: [{ node: 'jarvis' }],
    after: 15,
    justWell: withWatchdogInState('inactive', BREAKS, BREAKS + 15),
    justTooMuch: withWatchdogInState('inactive', BREAKS, BREAKS + 16),
    survives: ['node-exporter', 'kube-state-metrics'],
  },
  {
    // No device, or a node-exporter that does not look for one.
    alert: 'HardwareWatchdogNotArmed',
    cluster: 'homelab',
    broken: withoutWatchdog(BREAKS),
    fires: [{ node: 'jarvis' }],
    after: 15,
    justWell: withoutWatchdog(BREAKS, BREAKS + 15),
    justTooMuch: withoutWatchdog(BREAKS, BREAKS + 16),
    survives: ['node-exporter', 'kube-state-metrics'],
  },
];

export const cordoned =
  (node: string, from: number, to: number): Change =>
  (world) =>
    change(world, { metric: 'kube_node_spec_unschedulable', labels: { node } }, ({ values }) =>
      turn(
        from,
        values,
        turn(to, () => 1, values),
      ),
    );
