/** The three ways in which `name is reserved for` arises, each on a real containerd under a real systemd, and its cure. */
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test, vi } from 'vitest';
import { describeWith } from '../support/tools.js';
import { CONTAINER_TOOLS, ContainerMachine } from './container-machine.js';

// Some boot three times, beside other suites.
vi.setConfig({ testTimeout: 120_000 });

function machine(): ContainerMachine {
  const made = new ContainerMachine();
  onTestFinished(() => made.destroy());
  return made;
}

describeWith(CONTAINER_TOOLS, 'a name that is reserved', () => {
  test('by a sandbox of an earlier boot blocks its pod after a hard kill, and not after a boot with the clean-up', async () => {
    const node = machine();
    await node.start();
    const id = await node.runPod('asked-twice');
    await node.crash();

    await node.start();

    expect(await node.pods()).toEqual([{ id, state: 'not ready' }]);
    await expect(node.runPod('asked-twice')).rejects.toThrow(/name "asked-twice_default_.*_0" is reserved for/);
    await node.crash();
    node.install();
    await node.start();
    expect(await node.pods()).toEqual([]);
    expect(await node.runPod('asked-twice')).toMatch(/^[0-9a-f]{64}$/);
    expect(node.said()).toContain('removed 1 of 1 sandboxes of an earlier boot');
  });

  test('by a call that a hanging helper of a network plugin never lets end is free once that is ended', async () => {
    const node = machine();
    node.install();
    await node.start();
    const other = await node.runPod('other', { network: 'pod' });
    node.run('touch', '/run/hang');
    await expect(node.runPod('hung', { network: 'pod', seconds: 1 })).rejects.toThrow();
    await expect(node.runPod('hung', { network: 'pod' })).rejects.toThrow(/is reserved for/);
    node.run('rm', '/run/hang');

    node.run('systemctl', 'start', 'selfheal-hung-cni.service');
    await expect(node.runPod('hung', { network: 'pod' })).rejects.toThrow(/is reserved for/); // not yet old enough
    await sleep(4_000);
    node.run('systemctl', 'start', 'selfheal-hung-cni.service');

    await expect.poll(() => node.runPod('hung', { network: 'pod' }).catch(String)).toMatch(/^[0-9a-f]{64}$/);
    expect(node.said()).toMatch(/ending process \d+ of a network plugin: ADD [0-9a-f]{64} has not ended/);
    expect(await node.pods()).toContainEqual({ id: other, state: 'ready' });
  });

  test('by two records of one sandbox keeps containerd from starting, until the one that does not live is removed', async () => {
    const node = machine();
    node.install();
    await node.start();
    const living = await node.runPod('living');
    const twin = await node.duplicate(living);
    expect(node.records()).toEqual([twin, living].sort());

    node.run('systemctl', 'kill', '--kill-who=main', '--signal=KILL', 'containerd.service');

    await expect
      .poll(() => node.said(), { timeout: 20_000 })
      .toContain('the second record of a name that does not live: 1');
    await node.untilContainerdAnswers();
    expect(node.records()).toEqual([living]);
    expect(await node.pods()).toEqual([{ id: living, state: 'ready' }]);
    await expect(node.runPod('new')).resolves.toMatch(/^[0-9a-f]{64}$/);
  });

  test('by two records of one sandbox keeps containerd from starting where nothing clears them', async () => {
    const node = machine();
    await node.start();
    await node.duplicate(await node.runPod('living'));

    node.run('systemctl', 'restart', 'containerd.service');

    const restarts = () => Number(node.run('systemctl', 'show', '-p', 'NRestarts', '--value', 'containerd').stdout);
    await expect.poll(restarts, { timeout: 20_000 }).toBeGreaterThan(2);
    expect(node.run('journalctl', '-u', 'containerd', '-o', 'cat').stdout).toContain('failed to recover state');
  });
});
