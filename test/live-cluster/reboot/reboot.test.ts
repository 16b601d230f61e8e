/** Rolls of two real nodes, from the command line to the hosts and back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, startBench } from '../bench/bench.js';
import { describeWithNode } from '../bench/describe-with-node.js';
import { RealNode } from '../bench/real-node.js';
import {
  ATTIC,
  CRDS,
  describeIn,
  everythingRuns,
  inStep,
  NOTHING_LEFT,
  standing,
  startReboot,
  WORKLOADS,
} from './rolled.js';
import { watchRoll } from './watched.js';

/** It takes 20 s (docs/reboot.md): this also holds on a machine half as fast that is busy. */
const BOTH_WITHIN_SECONDS = 60;

describeWithNode('a roll of two real nodes', () => {
  let bench: Bench;
  let clusters: string;
  const nodes = new Map<string, RealNode>();

  beforeAll(async () => {
    bench = await startBench({ nodes: [], crds: CRDS });
    for (const name of ['bulb', 'lamp']) nodes.set(name, await RealNode.start(bench, name));
    clusters = describeIn(bench, ATTIC);
    bench.apply([...WORKLOADS, ...inStep()], { manager: 'operator' });
    await everythingRuns(bench, 6);
  }, 400_000);
  afterAll(async () => {
    for (const node of nodes.values()) await node.close();
    await bench?.close();
  });

  const bootsOf = () => [...nodes.values()].map(({ bootId }) => bootId);

  test('without --apply nothing is changed, and the plan says what would be', async () => {
    const before = bootsOf();

    const { status, stdout, stderr } = await startReboot(bench, clusters, ['--reason', 'a new kernel']).ended;

    expect(stderr).toBe('');
    expect(stdout).toContain('  1  bulb (worker): a new kernel\n');
    expect(stdout).toMatch(/moves {8}Deployment default\/web\n/);
    expect(stdout).toContain('  2  lamp (control-plane): a new kernel\n');
    expect(stdout).toContain('nothing has been changed\n');
    expect(status).toBe(0);
    expect(bootsOf()).toEqual(before);
    expect(await standing(bench)).toEqual(NOTHING_LEFT);
    expect(bench.get('lease', 'selfheal-reboot', 'kube-system')).toBeUndefined();
  });

  test('both reboot in order, and two replicas without a budget never have none ready', async () => {
    const before = bootsOf();
    const kept = [...nodes.values()].map((node) => node.keepOn());
    const isUp = (name: string) => nodes.get(name)?.machine.init !== undefined;
    const watched = watchRoll(bench, 'web', isUp);

    const began = performance.now();
    const { status, stdout, stderr } = await startReboot(bench, clusters, ['--reason', 'a new kernel', '--apply'])
      .ended;
    const seconds = (performance.now() - began) / 1_000;
    const figures = await watched();
    for (const each of kept) await each.end();

    expect(status, stderr).toBe(0);
    expect(stdout).toContain('done: bulb, lamp rebooted and verified\n');
    expect(bootsOf().filter((boot) => before.includes(boot))).toEqual([]);
    expect(await standing(bench)).toEqual(NOTHING_LEFT);
    const [bulb, lamp] = ['bulb', 'lamp'].map((name) => figures.nodes.get(name));
    expect(lamp?.cordoned).toBeGreaterThan(bulb?.uncordoned ?? Number.POSITIVE_INFINITY);
    expect(figures.mostCordoned).toBe(1);
    expect(figures.samples).toBeGreaterThan(20);
    expect(figures.fewest).toBe(1);
    expect(figures.withoutMs).toBe(0);
    // Each booted once.
    expect(kept.map(({ boots }) => boots.length)).toEqual([1, 1]);
    expect(seconds).toBeLessThan(BOTH_WITHIN_SECONDS);
  });
});
