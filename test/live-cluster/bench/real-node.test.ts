/** A node that is real: what tests of hosts and of reboots stand on. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, startBench } from './bench.js';
import { describeWithNode } from './describe-with-node.js';
import { RealNode } from './real-node.js';

describeWithNode('a real node', () => {
  let bench: Bench;
  let node: RealNode | undefined;

  beforeAll(async () => {
    bench = await startBench({ nodes: [], crds: [] });
    node = await RealNode.start(bench, 'jarvis');
  });
  afterAll(async () => {
    await node?.close();
    await bench?.close();
  });

  test('comes back from a reboot with another boot ID', async () => {
    const before = node?.bootId;

    await node?.reboot();

    expect(before).toMatch(/^[0-9a-f-]{36}$/);
    expect(node?.bootId).toMatch(/^[0-9a-f-]{36}$/);
    expect(node?.bootId).not.toBe(before);
  });
});
