/** Pods on a real machine whose containerd is killed, whose plug is pulled, or that reboots as planned. */

import { expect, onTestFinished, test, vi } from 'vitest';
import type { SandboxCleanup } from '../../src/cluster/cluster.js';
import { describeWith } from '../support/tools.js';
import { CONTAINER_TOOLS, ContainerMachine } from './container-machine.js';

// Some boot three times, beside other suites.
vi.setConfig({ testTimeout: 120_000 });

const SETTINGS = '/etc/selfheal/sandbox-cleanup.env';

async function nodeWithPods(
  names: readonly string[],
  cleanup: Partial<SandboxCleanup> = {},
): Promise<ContainerMachine> {
  const node = new ContainerMachine();
  onTestFinished(() => node.destroy());
  node.install(cleanup);
  await node.start();
  for (const name of names) await node.runPod(name);
  return node;
}

describeWith(CONTAINER_TOOLS, 'a node with pods', () => {
  test('loses none of them when containerd is killed', async () => {
    const node = await nodeWithPods(['one', 'two']);
    const before = await node.pods();

    node.run('systemctl', 'kill', '--kill-who=main', '--signal=KILL', 'containerd.service');
    await expect.poll(() => node.said(), { timeout: 10_000 }).toContain('not for two records');
    await node.untilContainerdAnswers();

    expect(await node.pods()).toEqual(before);
    expect(before.map(({ state }) => state)).toEqual(['ready', 'ready']);
  });

  test('loses none of them when containerd or the clean-up itself is restarted', async () => {
    const node = await nodeWithPods(['one']);
    const before = await node.pods();

    node.run('systemctl', 'restart', 'containerd.service');
    node.run('systemctl', 'restart', 'selfheal-before-reboot.service');
    node.run('systemctl', 'stop', 'selfheal-before-reboot.service', 'containerd.service');
    node.run('systemctl', 'start', 'containerd.service');
    await node.untilContainerdAnswers();

    expect(await node.pods()).toEqual(before);
  });

  test('has them anew, under the same names, after its plug was pulled', async () => {
    const node = await nodeWithPods(['one', 'two']);

    await node.crash();
    await node.start();

    expect(await node.pods()).toEqual([]);
    for (const name of ['one', 'two']) await node.runPod(name);
    expect((await node.pods()).map(({ state }) => state)).toEqual(['ready', 'ready']);
  });

  test('removes their sandboxes before a planned reboot, in less than its time', async () => {
    const node = await nodeWithPods(['one', 'two']);
    const start = performance.now();

    const status = await node.end('reboot');

    expect(status).toBe(133);
    expect(performance.now() - start).toBeLessThan(15_000);
    node.withoutPreStart();
    await node.start();
    expect(node.records()).toEqual([]);
    expect(node.said()).toContain('removed 2 of 2 sandboxes of this boot');
    await node.runPod('one');
  });

  test('goes down even where that clean-up hangs, once its time is over', async () => {
    const node = await nodeWithPods(['one'], { beforeReboot: { timeout: { seconds: 6 } } });
    // While it lists the sandboxes, deaf to SIGTERM.
    node.write('usr/local/bin/slow-ctr', '#!/bin/sh\ntrap \'\' TERM\n[ "$5" = version ] || sleep 1000\n');
    node.run('chmod', '+x', '/usr/local/bin/slow-ctr');
    node.run(
      'sed',
      '-i',
      's#^SANDBOX_CLEANUP_CTR_PROGRAM=.*#SANDBOX_CLEANUP_CTR_PROGRAM=/usr/local/bin/slow-ctr#',
      SETTINGS,
    );
    const start = performance.now();

    const status = await node.end('reboot');

    expect(status).toBe(133);
    expect(performance.now() - start).toBeLessThan(20_000);
  });
});
