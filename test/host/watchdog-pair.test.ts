/**
 * Two whole nodes, each with its watchdog, on one network. They share the kernel log: what one sees crosses on both at the
 * same instant. Needs root, systemd-nspawn, a static busybox, flock, ip and tc.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { MINIMAL_SPEC, parsed } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { KernelLog } from './kernel-log.js';
import { Lan } from './lan.js';
import { until } from './machine.js';
import { WatchedNode } from './watched-node.js';

const THRESHOLD = 5;
const ADDRESSES = { jarvis: 2, ultron: 3 } as const;
const NAMES = ['jarvis', 'ultron'] as const;
type Name = (typeof NAMES)[number];

const { lamp } = MINIMAL_SPEC.nodes;
const CLUSTER = parsed({
  ...MINIMAL_SPEC,
  nodes: {
    jarvis: { ...lamp, address: '10.77.0.2' },
    ultron: { ...lamp, role: 'agent', address: '10.77.0.3' },
  },
  hosts: NAMES.map((name) => ({
    nodes: [name],
    rcuWatchdog: { burst: { stalls: THRESHOLD, within: '2min' }, startupGrace: '1min', blackHole: 'off' },
  })),
});

describeWith(['systemd-nspawn', 'busybox', 'flock', 'ip', 'tc'], 'two nodes that cross together', () => {
  const nodes = {} as Record<Name, WatchedNode>;
  let lan: Lan;
  let log: KernelLog;

  beforeAll(async () => {
    log = await KernelLog.take();
    log.quiet();
    lan = new Lan();
    lan.add('router', 1);
    for (const name of NAMES) {
      nodes[name] = new WatchedNode(CLUSTER, name, { network: lan.add(name, ADDRESSES[name]) });
      await nodes[name].start();
    }
    for (const name of NAMES) await nodes[name].listening();
  });

  afterAll(async () => {
    log?.quiet();
    await Promise.all(NAMES.map((name) => nodes[name]?.destroy()));
    lan?.destroy();
    log?.release();
  });

  const up = () => NAMES.filter((name) => nodes[name].machine.init !== undefined);

  test('exactly one goes down; the other holds until the first is back, and is not forgotten', async () => {
    log.stalls(THRESHOLD);
    await until('to leave one machine up', () => up().length === 1);
    const [left] = up();
    const gone = NAMES.find((name) => name !== left);
    if (left === undefined || gone === undefined) throw new Error(`machines: expected one up, got ${up()}`);

    await sleep(8000);

    expect(up()).toEqual([left]);
    await nodes[left].saying(new RegExp(`held.*${gone}`));

    log.quiet(); // a real kernel would begin with an empty ring
    await nodes[gone].machine.boot();
    // The first has to have been up for three minutes; on a machine that booted just now these machines are that young.
    expect(await nodes[left].machine.goneDown(200)).toBe(133);
    expect(up()).toEqual([gone]);
  });
});
