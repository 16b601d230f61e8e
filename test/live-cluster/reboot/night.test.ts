/** Rolls of two real nodes that take minutes: `npm run test:nightly`. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { textAt } from '../../../src/manifest/json.js';
import { describeAtNight } from '../bench/describe-with-node.js';
import { type FaultyProxy, startFaultyProxy } from '../bench/faulty-proxy.js';
import { SSH_TOOLS, serveSsh, startLogin } from '../bench/real-node-ssh.js';
import { PAIR, type RealPair, startRealPair } from './real-pair.js';
import { describeIn, EACH_WRITE, isTrue, listed, NOTHING_LEFT, shortenLease, standing, startReboot } from './rolled.js';

const ROLL = ['--reason', 'a new kernel', '--apply'];
const ONCE_EACH = { bulb: 1, lamp: 1 };

/** Arms what kills the run, with a word for the moment. */
type Arm = (kill: (moment: string) => void) => void;

describeAtNight(
  'two real nodes',
  () => {
    let pair: RealPair;
    let clusters: string;
    let proxy: FaultyProxy;

    beforeAll(async () => {
      pair = await startRealPair();
      clusters = describeIn(pair.bench, PAIR);
      proxy = await startFaultyProxy(pair.bench);
    }, 400_000);
    beforeEach(() => pair.runs());
    afterAll(async () => {
      await proxy?.close();
      await pair?.close();
    });

    const roll = () => startReboot(pair.bench, clusters, ROLL, proxy.kubeconfig(pair.bench.kubeconfig));

    test('reboot over SSH, one after the other, and no Job is made', async () => {
      const { bench } = pair;
      const login = await startLogin();
      const nodes = {
        bulb: serveSsh(bench, pair.node('bulb'), login, 2201),
        lamp: serveSsh(bench, pair.node('lamp'), login, 2202),
      };
      const reboots = { ...PAIR.reboots, ssh: { user: 'root', nodes } };
      const overSsh = describeIn(bench, { ...PAIR, reboots } as typeof PAIR, 'over-ssh');
      const before = proxy.requests.length;
      const kept = pair.keepOn();

      const by = proxy.kubeconfig(bench.kubeconfig);
      const { status, stdout, stderr } = await startReboot(bench, overSsh, ROLL, by, login.environment).ended;
      await kept.end();
      await login.close();

      expect(status, stderr).toBe(0);
      expect(stdout).toContain('done: bulb, lamp rebooted and verified\n');
      expect(stderr.match(/over SSH: host-reboot: boot \S+: reboots in 2 s$/gm)).toHaveLength(2);
      expect(kept.boots()).toEqual(ONCE_EACH);
      const writes = proxy.requests.slice(before).filter(({ method }) => method !== 'GET');
      expect(writes.filter(({ path }) => path.endsWith('/eviction')).length).toBeGreaterThan(0);
      expect(writes.filter(({ path }) => path.includes('/jobs'))).toEqual([]);
      expect(await standing(bench)).toEqual(NOTHING_LEFT);
    });

    test('a pod that does not start in the new boot is mended: the next call goes on with the other node', async () => {
      const { bench } = pair;
      const reboots = { ...PAIR.reboots, verifyDeadline: '10s' };
      const hasty = describeIn(bench, { ...PAIR, reboots } as typeof PAIR, 'hasty');
      const kept = pair.keepOn();
      pair.agents('bulb', 'gone');
      const stopped = await startReboot(bench, hasty, ROLL).ended;
      const between = { boots: kept.boots(), stands: await standing(bench) };

      pair.agents('bulb', 'there');
      bench.kubectl(['delete', 'pods', '--selector=app=agent', '--field-selector=spec.nodeName=bulb', '--wait=false']);
      const { status, stdout, stderr } = await startReboot(bench, clusters, ROLL).ended;
      await kept.end();

      expect(stopped.status, stopped.stderr).toBe(1);
      expect(between.boots).toEqual({ bulb: 1, lamp: 0 });
      expect(between.stands.nodes).toEqual(['bulb: cordoned, marked, tainted']);
      expect(status, stderr).toBe(0);
      expect(stdout).toContain('done: bulb, lamp rebooted and verified\n');
      expect(kept.boots()).toEqual(ONCE_EACH);
      expect(await standing(bench)).toEqual(NOTHING_LEFT);
    });

    /** After so many writes: each is done, and whoever asked for it never learns. */
    const afterWrites =
      (writes: number): Arm =>
      (kill) => {
        let written = 0;
        proxy.rule(({ method, path }) => {
          if (method === 'GET') return undefined;
          written += 1;
          return written === writes ? { do: 'tell', answered: () => kill(`${method} ${path}`) } : undefined;
        });
      };

    const whenDown =
      (name: 'bulb' | 'lamp'): Arm =>
      (kill) => {
        pair
          .node(name)
          .machine.goneDown()
          .then(() => kill(`${name} is down`));
      };

    const whenBack =
      (name: 'bulb' | 'lamp'): Arm =>
      (kill) => {
        const { bench } = pair;
        const before = pair.node(name).bootId;
        const isBack = async (): Promise<true | undefined> => {
          const node = (await listed(bench, '/api/v1/nodes')).find(({ metadata }) => metadata.name === name);
          if (node === undefined || textAt(node.status, 'nodeInfo', 'bootID') === before) return undefined;
          return isTrue(node, 'Ready') ? true : undefined;
        };
        bench.until(`${name} is back`, isBack).then(
          () => kill(`${name} is back`),
          // The run has ended before: that is what the test finds.
          () => undefined,
        );
      };

    /** Kills a roll; answers the moment at which it died, or null where it ended before. */
    async function killed(arm: Arm): Promise<string | null> {
      let died: string | null = null;
      const { child, ended } = roll();
      arm((moment) => {
        if (child.exitCode !== null || died !== null) return;
        died = moment;
        child.kill('SIGKILL');
      });
      const { status, stderr } = await ended;
      proxy.rule(() => undefined);
      if (died === null) expect(status, stderr).toBe(0);
      else expect(status, `killed after ${died}`).toBeNull();
      return died;
    }

    /** One that is killed, and the next call, which brings it to its end. */
    async function killedAndEnded(arm: Arm): Promise<string | null> {
      const { bench } = pair;
      const kept = pair.keepOn();
      const died = await killed(arm);
      // Once the lock is given back, everything is done: a next call would be another roll.
      if ((await standing(bench)).holder !== '') {
        await shortenLease(bench);
        const { status, stdout, stderr } = await roll().ended;
        expect(status, `killed after ${died}:\n${stderr}\n${stdout}`).toBe(0);
      }
      await kept.end();
      expect(kept.boots(), `killed after ${died}`).toEqual(ONCE_EACH);
      expect(await standing(bench), `killed after ${died}`).toEqual(NOTHING_LEFT);
      await pair.runs();
      return died;
    }

    test('killed at whichever moment, the next call ends with each rebooted once', { timeout: 3_600_000 }, async () => {
      // Whoever takes the lock first makes it.
      pair.bench.kubectl(['delete', 'lease', 'selfheal-reboot', '--namespace=kube-system', '--ignore-not-found']);
      const began = performance.now();
      const died: string[] = [];

      for (let writes = 1; ; writes += 1) {
        const last = await killedAndEnded(afterWrites(writes));
        if (last === null) break;
        died.push(last);
      }
      for (const moment of [whenDown('bulb'), whenBack('bulb'), whenDown('lamp'), whenBack('lamp')])
        died.push((await killedAndEnded(moment)) ?? 'it had ended');

      console.log(`${died.length} kills in ${((performance.now() - began) / 60_000).toFixed(1)} min:`, died);
      for (const kind of [/^bulb is down$/, /^bulb is back$/, /^lamp is down$/, /^lamp is back$/, ...EACH_WRITE])
        expect(died.filter((moment) => kind.test(moment)).length, `${kind}`).toBeGreaterThan(0);
    });
  },
  SSH_TOOLS,
);
