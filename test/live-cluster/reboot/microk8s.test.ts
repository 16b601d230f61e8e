/** From "a new kernel waits" to three rebooted nodes with one command, while Jiva and Longhorn keep every volume's quorum. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { everythingIsReady, Microk8sCluster } from './microk8s-cluster.js';
import { NOTHING_LEFT, standing, startReboot } from './rolled.js';
import { masked } from './told.js';

let cluster: Microk8sCluster;

/** Where pods are when it begins is the scheduler's, and for how long each is away the machine's. */
const seen = (outcome: Parameters<typeof masked>[0]): string =>
  masked(outcome)
    .split('\n')
    .filter(
      (line) => !/^ {5}(moves|is away| {7}) |^ +T\.T s {2}(StatefulSet|InstanceManager) |: not evicted: /.test(line),
    )
    .join('\n');

/** What it waited for before it asked a node to go. */
const waitedFor = (stderr: string, node: string): string =>
  stderr
    .slice(0, stderr.indexOf(`${node}: cordon and mark`))
    .split('\n')
    .filter((line) => line.includes(`${node}: check: wait `))
    .join('\n');

beforeAll(async () => {
  cluster = await Microk8sCluster.start();
  await everythingIsReady(cluster.bench);
});
afterAll(async () => {
  await cluster?.close();
});

test('three nodes of MicroK8s go one after the other, and of no volume two replicas are away at once', async () => {
  const { bench, described, hosts, longhorn, jiva } = cluster;

  const outcome = await startReboot(bench, described, ['--apply']).ended;

  await expect(seen(outcome)).toMatchFileSnapshot('golden/microk8s.txt');
  expect(outcome.status, outcome.stderr).toBe(0);
  expect(hosts.rebooted).toEqual(['bulb', 'lantern', 'lamp']);
  for (const node of ['lantern', 'lamp']) expect(waitedFor(outcome.stderr, node)).toMatch(/(jiva|longhorn)-volumes: /);
  expect({ longhorn: longhorn.mostAway(), jiva: jiva.mostAway() }).toEqual({ longhorn: 1, jiva: 1 });
  expect(await standing(bench)).toEqual(NOTHING_LEFT);
});

test.runIf(process.env.NIGHTLY)(
  'a volume that is not rebuilt: no other node goes, and what was given back is in use',
  async () => {
    const { bench, hasty, hosts, longhorn, jiva } = cluster;
    longhorn.hold('pvc-films');
    const before = hosts.rebooted.length;

    const words = ['--node', 'bulb', '--node', 'lantern', '--reason', 'a new kernel', '--apply'];
    const outcome = await startReboot(bench, hasty, words).ended;
    longhorn.hold(null);

    await expect(seen(outcome)).toMatchFileSnapshot('golden/microk8s-not-rebuilt.txt');
    expect(outcome.status).toBe(1);
    expect(outcome.stdout).toMatch(/^stopped at lantern, check: longhorn-volumes: Volume longhorn-system\/pvc-films /m);
    expect(hosts.rebooted.slice(before)).toEqual(['bulb']);
    expect({ longhorn: longhorn.mostAway(), jiva: jiva.mostAway() }).toEqual({ longhorn: 1, jiva: 1 });
    expect(await standing(bench)).toEqual(NOTHING_LEFT);
  },
);
