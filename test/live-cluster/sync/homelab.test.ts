import { describe } from 'vitest';
import { homelab } from '../../support/clusters.js';
import { homelabWorld } from '../world/homelab.js';
import { testFirstSync } from './first-sync.js';

describe("the first sync of homelab's dist", () => {
  const cluster = homelab();

  testFirstSync({
    cluster,
    world: (bench) => homelabWorld(bench, cluster),
    charts: ['selfheal-monitoring'],
    nodeDown: 'ultron',
    waiting: ['selfheal-coredns'],
  });
});
