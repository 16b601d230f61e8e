/**
 * A node whose kubelet is real: a machine of its own with systemd, containerd and the kubelet of Kubernetes' sources, on
 * the control plane of a bench. Needs root.
 *
 * It has no network but its own loopback: two sockets in a folder that both sides see lead to the API server and back to
 * the kubelet. So what a node listens on or sends stays in it.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { at, listAt, textAt } from '../../../src/manifest/json.js';
import { Machine } from '../../host/machine.js';
import type { Bench } from './bench.js';
import { keepProcesses, type Processes } from './processes.js';
import { CONTAINERD, KUBELET, kubeletConfig, NETWORK, PLUG_IN, PREPARE, proxyUnits } from './real-node-files.js';
import { writeImage } from './real-node-image.js';
import { pathOf } from './tools.js';

/** Programs of this machine, which has the Debian of the template: its libraries are there. */
const PROGRAMS = ['/usr/bin/containerd', '/usr/bin/containerd-shim-runc-v2', '/usr/bin/ctr', '/usr/sbin/runc'];

const PROXY = '/lib/systemd/systemd-socket-proxyd';
const KUBELET_PORT = 10250;

/** When it went down and when systemd had started everything again, by performance.now(). */
interface Boot {
  readonly down: number;
  readonly up: number;
}

export class RealNode {
  private constructor(
    private readonly bench: Bench,
    readonly name: string,
    readonly machine: Machine,
    private readonly processes: Processes,
  ) {}

  /** Joins the cluster under that name; a simulated node of the name goes before. */
  static async start(bench: Bench, name: string, labels: Readonly<Record<string, string>> = {}): Promise<RealNode> {
    const address = `127.${randomInt(128, 192)}.${randomInt(256)}.${randomInt(1, 255)}`;
    const processes = keepProcesses();
    const wire = wireOf(processes);
    mkdirSync(wire);
    const machine = new Machine({
      kernelLog: true,
      flags: [
        // The keeper ends what has this in its environment: without its init nothing of a machine is left.
        `--setenv=SELFHEAL_BENCH=${processes.folder}`,
        `--hostname=${name}`,
        `--bind=${wire}:/wire`,
        `--bind-ro=${pathOf('kubelet')}:/usr/local/bin/kubelet`,
        '--capability=CAP_NET_ADMIN',
        '--system-call-filter=add_key keyctl bpf',
      ],
    });
    const node = new RealNode(bench, name, machine, processes);
    try {
      node.install();
      node.connect(address);
      await node.register(address, labels);
      await node.boot();
      return node;
    } catch (error) {
      const said = machine.run('journalctl', '-u', 'kubelet', '-u', 'containerd', '-n', '40', '--no-pager').stdout;
      await node.close();
      throw new Error(`node '${name}': expected it Ready: ${error instanceof Error ? error.message : error}\n${said}`, {
        cause: error,
      });
    }
  }

  /** As somebody who types `reboot` on it. */
  async reboot(): Promise<void> {
    const status = await this.machine.end('reboot');
    if (status !== 133) throw new Error(`node '${this.name}': expected it to reboot (133), got ${status}`);
    await this.boot();
  }

  /**
   * Its firmware: whenever it goes down for a reboot by itself it is powered on again, as hardware does by itself.
   * Answers what ends that, and fails with what went wrong meanwhile; a machine that was powered off stays off.
   */
  keepOn(): { readonly boots: readonly Boot[]; readonly end: () => Promise<void> } {
    const ending = new AbortController();
    const boots: Boot[] = [];
    const kept = this.powerOnAgain(boots, ending.signal);
    // It is looked at when it is ended.
    kept.catch(() => undefined);
    return {
      boots,
      end: async () => {
        ending.abort();
        await kept;
        const { stdout } = this.machine.run('systemctl', 'is-system-running');
        if (stdout.trim() !== 'stopping') return;
        const jobs = this.machine.run('systemctl', 'list-jobs', '--no-pager').stdout;
        throw new Error(`node '${this.name}': expected it up or down, it goes down all the time: ${jobs}`);
      },
    };
  }

  private async powerOnAgain(boots: Boot[], ending: AbortSignal): Promise<void> {
    const ended = new Promise<'ended'>((resolve) => ending.addEventListener('abort', () => resolve('ended')));
    for (;;) {
      const how = await Promise.race([this.machine.goneDown(), ended]);
      if (how === 'ended') return;
      if (how !== 133) throw new Error(`node '${this.name}': expected it to go down for a reboot (133), got ${how}`);
      const down = performance.now();
      await this.powerOn();
      boots.push({ down, up: performance.now() });
    }
  }

  /** What it says of its boot in `status.nodeInfo`. */
  get bootId(): string {
    return textAt(this.live?.status, 'nodeInfo', 'bootID') ?? '';
  }

  /** Pulls the plug and takes the machine away; its Node stays, as of a node that is gone. */
  async close(): Promise<void> {
    const { cgroup } = this;
    try {
      // What runs in it has nothing to save.
      await this.machine.crash();
      await this.machine.destroy();
    } finally {
      await this.processes.close();
      removeCgroups(cgroup);
    }
  }

  /** Powers it on, and waits until systemd has started everything. */
  async powerOn(): Promise<void> {
    // A kubelet that finds those of pods of an earlier boot tries for long to end what was in them.
    removeCgroups(this.cgroup);
    await this.machine.boot();
  }

  /** Powers it on, and waits until it is Ready in this boot. */
  private async boot(): Promise<void> {
    const before = this.bootId;
    await this.powerOn();
    await this.bench.until(`node ${this.name} is Ready`, () =>
      this.isReady && this.bootId !== before ? true : undefined,
    );
  }

  private get live() {
    return this.bench.get('node', this.name);
  }

  private get isReady(): boolean {
    return listAt(this.live?.status, 'conditions').some(
      (condition) => at(condition, 'type') === 'Ready' && at(condition, 'status') === 'True',
    );
  }

  private install(): void {
    const { machine, bench } = this;
    for (const program of PROGRAMS) machine.copy(program, program);
    machine.write('etc/hosts', `127.0.0.1 localhost ${this.name}\n`);
    machine.write('etc/resolv.conf', 'nameserver 127.0.0.1\n');
    machine.write('etc/containerd/config.toml', CONTAINERD.config);
    machine.write('etc/systemd/system/containerd.service', CONTAINERD.unit);
    machine.write('etc/cni/net.d/10-none.conflist', NETWORK);
    for (const plugin of ['none', 'loopback']) machine.write(`opt/cni/bin/${plugin}`, PLUG_IN);
    machine.write('usr/local/sbin/node-prepare', PREPARE);
    machine.write('etc/kubernetes/kubeconfig', readFileSync(bench.kubeconfig, 'utf8'));
    machine.write('etc/kubernetes/kubelet.json', JSON.stringify(kubeletConfig(this.cgroup, KUBELET_PORT)));
    machine.write('etc/kubernetes/node.env', `NODE_NAME=${this.name}\nNODE_CGROUP=${this.cgroup}\n`);
    machine.write('etc/systemd/system/kubelet.service', KUBELET);
    // What ignores that it is to end holds a shutdown up for so long; the default is 90 s.
    machine.write('etc/systemd/system.conf.d/stop.conf', '[Manager]\nDefaultTimeoutStopSec=5s\n');
    const { hostname } = new URL(bench.server);
    for (const [path, text] of proxyUnits(`${hostname}:${bench.port}`, KUBELET_PORT)) machine.write(path, text);
    for (const path of ['opt/cni/bin/none', 'opt/cni/bin/loopback', 'usr/local/sbin/node-prepare'])
      chmodSync(join(machine.root, path), 0o755);
    writeImage(join(machine.root, 'var/lib/node-image.tar'), this.processes.folder);
    const units = ['containerd.service', 'kubelet.service', 'apiserver-wire.socket', 'kubelet-wire.socket'];
    execFileSync('systemctl', [`--root=${machine.root}`, 'enable', ...units], { stdio: 'ignore' });
  }

  /** Who asks that address of this machine is led to the socket /wire/NAME of the node. */
  lead(name: string, from: string): void {
    this.listen(`to-${name}`, from, join(wireOf(this.processes), name));
  }

  /** The halves of both ways that are on this side. */
  private connect(address: string): void {
    const { hostname } = new URL(this.bench.server);
    this.listen('to-apiserver', join(wireOf(this.processes), 'apiserver'), `${hostname}:${this.bench.port}`);
    this.lead('kubelet', `${address}:${KUBELET_PORT}`);
  }

  private listen(name: string, from: string, to: string): void {
    this.processes.start({ name, command: ['systemd-socket-activate', '-l', from, PROXY, to] });
  }

  /** As a cloud's controller does: it says under which address the API server finds the kubelet. */
  private async register(address: string, labels: Readonly<Record<string, string>>): Promise<void> {
    const { bench, name } = this;
    bench.kubectl(['delete', 'node', name, '--ignore-not-found']);
    // What is said of them was said by somebody who only plays a kubelet.
    const here = ['--all-namespaces', `--field-selector=spec.nodeName=${name}`];
    bench.kubectl(['delete', 'pods', ...here, '--force', '--grace-period=0', '--wait=false']);
    bench.apply(
      [{ apiVersion: 'v1', kind: 'Node', metadata: { name, labels: { 'kubernetes.io/hostname': name, ...labels } } }],
      {
        manager: 'bench',
        serverSide: true,
      },
    );
    const status = { addresses: [{ type: 'InternalIP', address }] };
    const { status: code, text } = await bench.send('PATCH', `/api/v1/nodes/${name}/status`, {
      body: JSON.stringify({ status }),
      type: 'application/merge-patch+json',
    });
    if (code !== 200) throw new Error(`node '${name}': expected its address taken, got ${code}: ${text}`);
  }

  private get cgroup(): string {
    return `/${basename(dirname(this.machine.root))}`;
  }
}

/** A folder that the node and this machine share, for sockets. */
const wireOf = ({ folder }: Processes): string => join(folder, 'wire');

/** They are the kernel's, and outlive the machine. */
function removeCgroups(cgroup: string): void {
  spawnSync('find', ['/sys/fs/cgroup', '-depth', '-type', 'd', '-path', `*${cgroup}*`, '-exec', 'rmdir', '{}', '+']);
}
