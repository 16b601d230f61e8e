/** Rolls of two real nodes, from the command line to the hosts and back. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWithNode } from '../bench/describe-with-node.js';
import { startFaultyProxy } from '../bench/faulty-proxy.js';
import { SSH_TOOLS, serveSsh, startLogin } from '../bench/real-node-ssh.js';
import { PAIR, type RealPair, startRealPair } from './real-pair.js';
import { describeIn, NOTHING_LEFT, shortenLease, standing, startReboot } from './rolled.js';
import { masked, NOTIFY, startTold, type Told } from './told.js';
import { watchRoll } from './watched.js';

const BULB = ['--node', 'bulb', '--reason', 'a new kernel', '--apply'];

describeWithNode(
  'a roll of two real nodes',
  () => {
    let pair: RealPair;
    let clusters: string;
    let told: Told;

    beforeAll(async () => {
      pair = await startRealPair();
      clusters = describeIn(pair.bench, PAIR);
      told = await startTold();
      pair.bench.apply([told.secret], { manager: 'operator' });
    }, 400_000);
    afterAll(async () => {
      await told?.close();
      await pair?.close();
    });

    const bootsOf = () => [pair.node('bulb').bootId, pair.node('lamp').bootId];

    test('without --apply nothing is changed, and the plan says what waits and what would be', async () => {
      const { bench } = pair;
      const before = bootsOf();
      pair.waitsForReboot();

      const { status, stdout, stderr } = await bench.until('both hosts tell that a reboot waits', async () => {
        const outcome = await startReboot(bench, clusters, []).ended;
        if (!/^ {2}2 {2}/m.test(outcome.stdout)) throw new Error(`${outcome.stdout}\n${outcome.stderr}`);
        return outcome;
      });

      expect(stderr).toBe('');
      expect(stdout).toContain('  1  bulb (worker): a reboot waits: ');
      expect(stdout).toMatch(/moves {8}Deployment default\/web\n/);
      expect(stdout).toContain('  2  lamp (control-plane): a reboot waits: ');
      expect(stdout).toContain('nothing has been changed\n');
      expect(status).toBe(0);
      expect(bootsOf()).toEqual(before);
      expect(await standing(bench)).toEqual(NOTHING_LEFT);
      expect(bench.get('lease', 'selfheal-reboot', 'kube-system')).toBeUndefined();
    });

    test('one command reboots both in order, and two replicas without a budget never have none ready', async () => {
      const { bench } = pair;
      const before = bootsOf();
      const kept = pair.keepOn();
      const watched = watchRoll(bench, 'web', (name) => pair.node(name).machine.init !== undefined);

      const began = performance.now();
      const { status, stdout, stderr } = await startReboot(bench, clusters, ['--apply']).ended;
      const took = performance.now() - began;
      const figures = await watched();
      await kept.end();

      expect(status, stderr).toBe(0);
      expect(stdout).toContain('done: bulb, lamp rebooted and verified\n');
      expect(bootsOf().filter((boot) => before.includes(boot))).toEqual([]);
      expect(await standing(bench)).toEqual(NOTHING_LEFT);
      const times = (['bulb', 'lamp'] as const).map((name) => ({
        ...figures.nodes.get(name),
        down: kept.downAt(name),
      }));
      const [bulb, lamp] = times;
      expect(lamp?.cordoned).toBeGreaterThan(bulb?.uncordoned ?? Number.POSITIVE_INFINITY);
      expect(figures.mostCordoned).toBe(1);
      expect(figures.samples).toBeGreaterThan(20);
      expect(figures.fewest).toBe(1);
      expect(figures.withoutMs).toBe(0);
      expect(kept.boots()).toEqual({ bulb: 1, lamp: 1 });

      // What docs/reboot.md says of it.
      const between = (from = Number.NaN, to = Number.NaN) => `${((to - from) / 1_000).toFixed(1)} s`;
      const row = (name: string, of: (node: (typeof times)[number]) => string) =>
        console.log(`${name}: ${times.map(of).join(' / ')}`);
      row('asked for -> cordoned', ({ cordoned }) => between(began, cordoned));
      row('cordoned -> down', ({ cordoned, down }) => between(cordoned, down));
      row('down -> Ready in another boot', ({ down, back }) => between(down, back));
      row('Ready -> uncordoned', ({ back, uncordoned }) => between(back, uncordoned));
      console.log(`both nodes, plan and checks with it: ${between(0, took)}`);
    });

    test('each host has ended its pods and removed their sandboxes before it went down', () => {
      for (const name of ['bulb', 'lamp'] as const) {
        const { machine } = pair.node(name);
        const said = machine.run('journalctl', '-t', 'sandbox-cleanup', '-o', 'cat', '--no-pager').stdout;

        expect(said, name).toMatch(/removed ([2-9]) of \1 sandboxes of this boot/);
      }
    });

    test('over SSH, killed while its node is down: the next call finds it back, rebooted once and by no Job', async () => {
      const { bench } = pair;
      const login = await startLogin();
      const hostOf = serveSsh(bench, pair.node('bulb'), login, 2201);
      const ssh = { user: 'root', nodes: { bulb: hostOf } };
      const overSsh = describeIn(bench, { ...PAIR, reboots: { ...PAIR.reboots, ssh } } as typeof PAIR, 'over-ssh');
      const proxy = await startFaultyProxy(bench);
      const roll = () => startReboot(bench, overSsh, BULB, proxy.kubeconfig(bench.kubeconfig), login.environment);
      const kept = pair.keepOn();
      const down = pair.node('bulb').machine.goneDown();

      const first = roll();
      await Promise.race([down, first.ended]);
      first.child.kill('SIGKILL');
      const killed = await first.ended;
      await shortenLease(bench);
      const { status, stdout, stderr } = await roll().ended;
      await kept.end();
      await proxy.close();
      await login.close();

      expect(killed.status, `${killed.stderr}\n${killed.stdout}`).toBeNull();
      expect(killed.stderr).toMatch(/bulb: over SSH: host-reboot: boot \S+: reboots in 2 s\n/);
      expect(status, stderr).toBe(0);
      expect(stdout).toContain('done: bulb rebooted and verified\n');
      expect(kept.boots()).toEqual({ bulb: 1, lamp: 0 });
      expect(proxy.requests.filter(({ method }) => method === 'PATCH').length).toBeGreaterThan(0);
      expect(proxy.requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/jobs'))).toEqual([]);
      expect(await standing(bench)).toEqual(NOTHING_LEFT);
      await pair.runs();
    });

    test('a pod that does not start in the new boot: its node stays out of service, and no other goes', async () => {
      const { bench } = pair;
      const reboots = { ...PAIR.reboots, verifyDeadline: '10s', notify: NOTIFY };
      const hasty = describeIn(bench, { ...PAIR, reboots } as typeof PAIR, 'hasty');
      const kept = pair.keepOn();
      pair.agents('bulb', 'gone');

      const outcome = await startReboot(bench, hasty, ['--reason', 'a new kernel', '--apply']).ended;

      await expect(masked(outcome)).toMatchFileSnapshot('golden/broken-pod.txt');
      expect(outcome.status).toBe(1);
      expect(await standing(bench)).toEqual({ nodes: ['bulb: cordoned, marked, tainted'], jobs: [], holder: '' });
      expect(bench.get('node', 'bulb')?.metadata.annotations?.['selfheal.dev/reboot']).toContain(
        'is not ready in the new boot',
      );
      expect(told.events).toEqual(['begins', 'node-goes bulb', 'stopped bulb']);

      // What is taken back is what the roll did to the cluster; the host has rebooted, and its pod is as it was.
      const undone = await startReboot(bench, hasty, ['--undo', '--apply']).ended;
      await kept.end();
      await expect(masked(undone)).toMatchFileSnapshot('golden/undo.txt');
      expect(undone.status).toBe(0);
      expect(await standing(bench)).toEqual(NOTHING_LEFT);
      expect(bench.get('lease', 'selfheal-reboot', 'kube-system')).toBeUndefined();
      expect(kept.boots()).toEqual({ bulb: 1, lamp: 0 });
    });
  },
  SSH_TOOLS,
);
