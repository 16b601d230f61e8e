import { describe } from 'vitest';
import { pvek8s } from '../../support/clusters.js';
import { pvek8sWorld } from '../world/pvek8s.js';
import { testFirstSync } from './first-sync.js';

describe("the first sync of pvek8s' dist", () => {
  testFirstSync({
    cluster: pvek8s(),
    world: pvek8sWorld,
    charts: [],
    nodeDown: 'k8s03',
    waiting: [],
  });
});
