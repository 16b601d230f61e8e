/** Two nodes that are rebooted by themselves at night. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { MINIMAL_SPEC, parsed } from '../../support/clusters.js';

const { lamp } = MINIMAL_SPEC.nodes;

export const SCHEDULE = { days: ['saturday', 'sunday'], start: '02:00', end: '05:00' };

export const ATTIC = {
  ...MINIMAL_SPEC,
  nodes: { lamp, bulb: { ...lamp, role: 'agent', address: '192.0.2.8' } },
  hosts: [{ nodes: ['lamp'] }, { nodes: ['bulb'] }],
  reboots: { schedule: SCHEDULE },
};

export const atNight = (reboots: object = {}, more: object = {}): Cluster =>
  parsed({ ...ATTIC, ...more, reboots: { schedule: SCHEDULE, ...reboots } });
