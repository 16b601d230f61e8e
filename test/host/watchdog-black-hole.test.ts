/**
 * The outage of November 30 against the whole service: a node whose frames arrive and are not processed. Takes minutes,
 * because its looks are a minute apart: `npm run test:nightly`. Needs what watchdog-pair.test.ts needs.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINIMAL_SPEC, parsed } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { KernelLog } from './kernel-log.js';
import { Lan } from './lan.js';
import type { Machine } from './machine.js';
import { WatchedNode } from './watched-node.js';

const { lamp } = MINIMAL_SPEC.nodes;
const CLUSTER = parsed({
  ...MINIMAL_SPEC,
  nodes: {
    jarvis: { ...lamp, address: '10.77.0.2' },
    ultron: { ...lamp, role: 'agent', address: '10.77.0.3' },
  },
  hosts: [
    { nodes: ['jarvis'], rcuWatchdog: { startupGrace: '1min', healthyAfter: '7d', blackHole: { after: '2min' } } },
  ],
});

/** What a kubelet says of itself. */
const KUBELET = [
  ['kubelet.socket', '[Socket]\nListenStream=127.0.0.1:10248\nAccept=yes\n[Install]\nWantedBy=sockets.target\n'],
  ['kubelet@.service', '[Service]\nStandardOutput=socket\nExecStart=/usr/bin/printf "HTTP/1.0 200 OK\\r\\n\\r\\nok"\n'],
] as const;

const TWO_LOOKS = 135_000;

const suite = process.env.NIGHTLY ? describeWith : describeAtNight;

function describeAtNight(_tools: readonly string[], title: string, body: () => void): void {
  console.warn(`SKIPPED '${title}': it takes a quarter of an hour (npm run test:nightly)`);
  describe.skip(title, body);
}

suite(['systemd-nspawn', 'busybox', 'flock', 'ip', 'tc'], 'a node in a black-hole', () => {
  let lan: Lan;
  let log: KernelLog;
  let node: WatchedNode;
  let machine: Machine;

  beforeAll(async () => {
    log = await KernelLog.take();
    log.quiet();
    lan = new Lan();
    lan.add('router', 1);
    lan.add('ultron', 3);
    lan.addChatter();
    node = new WatchedNode(CLUSTER, 'jarvis', { network: lan.add('jarvis', 2) });
    machine = node.machine;
    for (const [name, unit] of KUBELET) machine.write(`/etc/systemd/system/${name}`, unit);
    await node.start();
    machine.run('systemctl', 'enable', '--now', 'kubelet.socket');
    await node.listening();
    await sleep(TWO_LOOKS); // that all is well, and how many frames there were
  });

  afterAll(async () => {
    await node?.destroy();
    lan?.destroy();
    log?.release();
  });

  test('only reports while its kernel has not stalled', async () => {
    lan.blackHole('jarvis');

    await node.saying(/black hole: nobody answers/, 200);
    await node.saying(/last decision alert black-hole/, 240);

    expect(machine.init).toBeDefined();
    lan.passAll('jarvis');
    await node.saying(/black hole: no/, 150);
  }, 700_000);

  test('reboots once it has stalled, and never a second time into the same dead network', async () => {
    log.stalls(1);
    lan.blackHole('jarvis');

    expect(await machine.goneDown(400)).toBe(133);
    log.quiet();
    await machine.boot();
    log.stalls(1);
    await node.listening();
    await sleep(TWO_LOOKS + 180_000);

    expect(machine.init).toBeDefined();
    expect(node.status().stdout).toMatch(/budget +1 of 3/);
  }, 900_000);
});
