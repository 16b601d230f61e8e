/** A node that a roll has left out of service. */
import { PLANNED_REBOOT_TAINT } from '../../../src/manifest/planned-reboot-taint.js';
import { series } from '../world/world.js';
import type { Change } from './changes.js';
import { BREAKS, type Proof } from './proof.js';

/** The sum of a node's own deadlines, and ten minutes for the pod that goes on. */
const LONGEST = 60;

const marked =
  (to = Number.POSITIVE_INFINITY): Change =>
  (world) => [
    ...world,
    series(
      'kube_node_spec_taint',
      { node: 'bulb', key: PLANNED_REBOOT_TAINT, value: '', effect: 'PreferNoSchedule' },
      (minute) => (minute >= BREAKS && minute < to ? 1 : null),
    ),
  ];

export const PROOFS: readonly Proof[] = [
  {
    alert: 'PlannedRebootStuck',
    cluster: 'shed',
    broken: marked(),
    fires: [{ node: 'bulb' }],
    after: LONGEST,
    justWell: marked(BREAKS + LONGEST),
    justTooMuch: marked(BREAKS + LONGEST + 1),
    survives: ['kube-state-metrics'],
    minutes: 300,
  },
];
