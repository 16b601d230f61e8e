/**
 * Debian's node_exporter with the flags and mounts of our chart values, in a machine's namespaces, as its pod would be.
 *
 * A machine is a container and shares the kernel with this one, and so its time of boot. A time namespace has the kernel
 * tell node_exporter the moment at which the machine's PID 1 started. The network is not the machine's: it has none that
 * anybody reaches, and is scraped over the loopback.
 */
import { copyFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { nodeExporterValues } from '../../src/layers/monitoring/node-exporter-values.js';
import { freeAddress, LoopbackServer } from './loopback-server.js';
import type { Machine } from './machine.js';

const PROGRAM = '/usr/bin/prometheus-node-exporter';

/** The unit of times in /proc/PID/stat. */
const TICKS_PER_SECOND = 100;

/** Mounts what the pod mounts: the chart's own three, then ours. */
const POD = `
  mount --rbind /proc /host/proc && mount --rbind /sys /host/sys && mount --rbind / /host/root
  mkdir -p "$1" && mount --bind "$1" "$2" && mount -o remount,bind,ro "$2"
  shift 2
  exec "$@"`;

export class NodeExporter {
  private constructor(
    readonly node: string,
    private readonly machine: Machine,
    private readonly server: LoopbackServer,
  ) {}

  /** Puts the program there; it keeps its port over reboots, as a pod on the node's network does. */
  static async on(machine: Machine, node: string): Promise<NodeExporter> {
    copyFileSync(PROGRAM, join(machine.root, PROGRAM));
    for (const folder of ['proc', 'sys', 'root']) mkdirSync(join(machine.root, 'host', folder), { recursive: true });
    return new NodeExporter(node, machine, new LoopbackServer(await freeAddress()));
  }

  get address(): string {
    return this.server.address;
  }

  /** After the machine has booted. */
  async start(): Promise<void> {
    const { init, root } = this.machine;
    if (init === undefined) throw new Error(`node '${this.node}': expected it to run, it does not`);
    const { extraArgs, extraHostVolumeMounts } = nodeExporterValues({});
    const [mount, ...others] = extraHostVolumeMounts;
    if (mount === undefined || others.length > 0)
      throw new Error(`node-exporter's values: expected one mount, got ${extraHostVolumeMounts.length}`);
    mkdirSync(join(root, mount.mountPath), { recursive: true });
    const flags = [`--web.listen-address=${this.address}`, ...CHART_PATHS, ...extraArgs];
    await this.server.start(
      [
        ...(['unshare', '--time', '--boottime', `-${secondsBefore(init)}`, '--fork', '--kill-child'] as const),
        ...['nsenter', '-t', `${init}`, '-m', '-u', '-i', '-p', '--no-fork'],
        // nsenter would not wait for it: it stops for good when the machine's shutdown stops what runs there.
        ...['unshare', '--mount', '--fork', '--kill-child'],
        ...['sh', '-ec', POD, 'pod', mount.hostPath, mount.mountPath, PROGRAM, ...flags],
      ],
      '/metrics',
    );
  }

  /** It goes down with its machine. */
  gone(): Promise<void> {
    return this.server.ended;
  }

  destroy(): Promise<void> {
    return this.server.destroy();
  }
}

/** What the chart's template says of paths, whatever the values. */
const CHART_PATHS = ['--path.procfs=/host/proc', '--path.sysfs=/host/sys', '--path.rootfs=/host/root'];

/** How long this machine had been up when a process started. */
function secondsBefore(pid: number): number {
  const [, fields = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (?!.*\) )/s);
  return Math.floor(Number(fields.split(' ')[19]) / TICKS_PER_SECOND);
}
