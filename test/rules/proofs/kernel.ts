/** Reboots, and the hardware watchdog. */
import { reboot } from '../world/disturbances.js';
import { change, turn, type Values, type World } from '../world/world.js';
import { BREAKS, type Proof } from './proof.js';

/** The node boots at each of these minutes, after two minutes away. */
const boots =
  (node: string, ...minutes: readonly number[]) =>
  (world: World): World =>
    minutes.reduce((before, minute) => reboot(before, node, minute - 2, minute), world);

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
];

export const cordoned =
  (node: string, from: number, to: number) =>
  (world: World): World =>
    change(world, { metric: 'kube_node_spec_unschedulable', labels: { node } }, ({ values }) =>
      turn(from, values, turn(to, (() => 1) as Values, values)),
    );
