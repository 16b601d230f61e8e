/** A machine that is a node of a cluster, with its watchdog brought there by node-bootstrap. */
import { expect } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { NOTHING } from '../../src/host/host-state.js';
import { rcuWatchdog } from '../../src/layers/rcu-watchdog/index.js';
import { BootstrapPod } from './bootstrap-pod.js';
import { Machine, type MachineOptions, until } from './machine.js';
import { BOOT_FILE, COMMAND_LINE } from './pi.js';

export class WatchedNode {
  readonly machine: Machine;
  readonly pod: BootstrapPod;

  constructor(
    private readonly cluster: Cluster,
    private readonly name: string,
    options: MachineOptions = {},
  ) {
    this.machine = new Machine({ ...options, kernelLog: true });
    this.pod = new BootstrapPod(this.machine);
    this.machine.write('/etc/hostname', `${name}\n`);
    this.machine.write(BOOT_FILE, COMMAND_LINE);
  }

  /** Boots, and brings what the watchdog needs. */
  async start(): Promise<void> {
    await this.machine.boot();
    const group = this.cluster.hosts.find(({ nodes }) => nodes.some(({ name }) => name === this.name));
    const state = (group && rcuWatchdog.hostState?.(this.cluster, group)) ?? NOTHING;
    const { status, lines } = this.pod.converge(state);
    expect(lines.filter((line) => line.startsWith('refused'))).toEqual([]);
    expect(status).toBe(0);
  }

  status() {
    return this.machine.run('/usr/local/bin/selfheal-watchdog', 'status');
  }

  /** Waits until its status says something. */
  saying(words: RegExp, seconds?: number): Promise<void> {
    return until(`to say ${words}`, () => words.test(this.status().stdout), seconds);
  }

  listening(): Promise<void> {
    return this.saying(/runs and reads the kernel log/);
  }

  async destroy(): Promise<void> {
    await this.machine.destroy();
    await this.pod.destroy();
  }
}
