/** The tool is killed after each of its writes, one run a write, and the next call finishes what it left. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Bench, startBench } from '../bench/bench.js';
import { type FaultyProxy, startFaultyProxy } from '../bench/faulty-proxy.js';
import { type Played, playHosts } from './played.js';
import {
  ATTIC,
  CRDS,
  describeIn,
  EACH_WRITE,
  everythingRuns,
  inStep,
  NOTHING_LEFT,
  shortenLease,
  standing,
  startReboot,
  WORKLOADS,
} from './rolled.js';

const ROLL = ['--reason', 'a new kernel', '--apply'];

/** Each on a cluster of its own, and every second write its own: half as long. */
const LANES = 2;

interface Lane {
  readonly bench: Bench;
  readonly hosts: Played;
  readonly proxy: FaultyProxy;
  readonly clusters: string;
}

const lanes: Lane[] = [];

beforeAll(async () => {
  lanes.push(...(await Promise.all(Array.from({ length: LANES }, startLane))));
});
afterAll(async () => {
  for (const { bench, hosts, proxy } of lanes) {
    await proxy.close();
    await hosts.end();
    await bench.close();
  }
});

async function startLane(): Promise<Lane> {
  const bench = await startBench({ nodes: [{ name: 'bulb' }, { name: 'lamp' }], crds: CRDS });
  const hosts = await playHosts(bench, ['bulb', 'lamp']);
  const proxy = await startFaultyProxy(bench);
  bench.apply([...WORKLOADS, ...inStep()], { manager: 'operator' });
  await everythingRuns(bench, 6);
  return { bench, hosts, proxy, clusters: describeIn(bench, ATTIC) };
}

/** What the run had written when it died; null: it ended by itself. */
async function killedAfter({ bench, clusters, proxy }: Lane, writes: number): Promise<string | null> {
  let written = 0;
  let last: string | null = null;
  const kubeconfig = proxy.kubeconfig(bench.kubeconfig);
  const { child, ended } = startReboot(bench, clusters, ROLL, kubeconfig);
  proxy.rule(({ method, path }) => {
    if (method === 'GET') return undefined;
    written += 1;
    if (written !== writes) return undefined;
    last = `${method} ${path}`;
    // It is done, and the one who asked for it never learns.
    return { do: 'tell', answered: () => child.kill('SIGKILL') };
  });
  const { status, stderr } = await ended;
  proxy.rule(() => undefined);
  if (last === null) expect(status, stderr).toBe(0);
  else expect(status).toBeNull();
  return last;
}

/** Kills it after its `first` write and every further one of this lane, until one ends by itself. */
async function killEach(lane: Lane, first: number): Promise<readonly string[]> {
  const { bench, hosts, clusters } = lane;
  const died: string[] = [];
  for (let writes = first; ; writes += LANES) {
    const before = hosts.rebooted.length;
    const last = await killedAfter(lane, writes);
    // Once the lock is given back, everything is done: a next call would be another roll.
    if ((await standing(bench)).holder !== '') {
      await shortenLease(bench);
      const { status, stdout, stderr } = await startReboot(bench, clusters, ROLL).ended;
      expect(status, `killed after ${last}:\n${stderr}\n${stdout}`).toBe(0);
    }
    expect(hosts.rebooted.slice(before), `killed after ${last}`).toEqual(['bulb', 'lamp']);
    expect(await standing(bench), `killed after ${last}`).toEqual(NOTHING_LEFT);
    await everythingRuns(bench, 6);
    if (last === null) return died;
    died.push(last);
  }
}

test('after whichever write it is killed, the next call ends with each node rebooted once', async () => {
  const died = (await Promise.all(lanes.map((lane, index) => killEach(lane, index + 1)))).flat();

  // Each kind of write was the last one of some run.
  for (const kind of EACH_WRITE) expect(died.filter((write) => kind.test(write)).length, `${kind}`).toBeGreaterThan(0);
}, 400_000);
