/** Two nodes, one of them the control plane, with what every cluster has on them. */
import { World } from './world.js';

export const NODES = ['attic', 'barn'];

export const world = (): World =>
  new World()
    .addNode('attic')
    .addNode('barn', 'control-plane')
    .addWorkload({ kind: 'Deployment', name: 'cart', desired: 2 }, 'attic', 'barn')
    .addWorkload({ kind: 'DaemonSet', name: 'agent', desired: 2 }, 'attic', 'barn');
