/**
 * A machine that runs pods: systemd starts the containerd of this machine with its CRI plugin, and what a node gets of
 * the sandbox clean-up is installed. Pods are sandboxes that the test asks for as a kubelet does; nothing is pulled.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SandboxCleanup } from '../../src/cluster/cluster.js';
import { DISTRIBUTIONS, type Distribution } from '../../src/cluster/distribution.js';
import { sandboxCleanupHostState } from '../../src/layers/sandbox-cleanup/host-state.js';
import { call, field, message } from './grpc.js';
import { Machine } from './machine.js';

/** Programs of this machine, which has the Debian of the template: its libraries are there. */
const PROGRAMS = ['/usr/bin/containerd', '/usr/bin/containerd-shim-runc-v2', '/usr/bin/ctr', '/usr/sbin/runc'];
export const CONTAINER_TOOLS = ['systemd-nspawn', 'containerd', 'ctr', 'runc', 'busybox'];

/** A node whose Kubernetes is containerd alone, where Debian's has its folders. */
export const PLAIN: Distribution = {
  ...DISTRIBUTIONS.microk8s,
  kubeletUnit: { 'control-plane': 'containerd.service', worker: 'containerd.service' },
  containerdUnit: { 'control-plane': 'containerd.service', worker: 'containerd.service' },
  containerdRoot: '/var/lib/containerd',
  containerdState: '/run/containerd',
  containerdSocket: '/run/containerd/containerd.sock',
  containerdProgram: '/usr/bin/containerd',
  ctrCommand: '/usr/bin/ctr',
};
const DROP_IN = '/etc/systemd/system/containerd.service.d/sandbox-cleanup.conf';

export interface Pod {
  readonly id: string;
  readonly state: 'ready' | 'not ready';
}

export class ContainerMachine extends Machine {
  constructor() {
    super({ flags: ['--capability=CAP_NET_ADMIN', '--system-call-filter=add_key keyctl bpf'] });
    for (const program of PROGRAMS) copyFileSync(program, join(this.root, program));
    this.write('etc/hosts', '127.0.0.1 localhost\n');
    this.write('etc/containerd/config.toml', CONFIG);
    this.write('etc/systemd/system/containerd.service', UNIT);
    this.write('etc/cni/net.d/10-test.conflist', NETWORK);
    this.write('usr/local/bin/node-prep', PREPARE);
    for (const name of ['loopback', 'plugin']) this.write(`opt/cni/${name}`, PLUGIN);
    const image = pauseImage();
    copyFileSync(image, join(this.root, 'var/lib/pause.tar'));
    rmSync(dirname(image), { recursive: true });
    spawnSync('chmod', ['-R', '+x', join(this.root, 'opt/cni'), join(this.root, 'usr/local/bin')]);
    this.enable('containerd.service');
  }

  /** Puts there what node-bootstrap would put there. */
  install(cleanup: Partial<SandboxCleanup> = {}): void {
    const defaults: SandboxCleanup = {
      databaseLockTimeout: { seconds: 5 },
      timeout: { seconds: 30 },
      beforeReboot: { timeout: { seconds: 15 } },
      hungNetworkCall: { after: { seconds: 4 } },
    };
    const { files, units } = sandboxCleanupHostState(PLAIN, { role: 'worker' }, { ...defaults, ...cleanup });
    for (const { path, mode, content } of files) {
      this.write(path, content);
      spawnSync('chmod', [mode, join(this.root, path)]);
    }
    for (const unit of units) this.enable(typeof unit === 'string' ? unit : unit.name);
  }

  /** Takes away what clears before containerd starts: the node as it was without us. */
  withoutPreStart = (): void => rmSync(join(this.root, DROP_IN));

  async start(): Promise<void> {
    await this.boot();
    await this.untilContainerdAnswers();
  }

  async untilContainerdAnswers(seconds = 20): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      const failure = await this.isReady().then(
        (ready) => (ready ? undefined : 'its image is not imported yet'),
        (error: unknown) => error,
      );
      if (failure === undefined) return;
      if (performance.now() > deadline)
        throw new Error(`containerd did not answer in ${seconds} s`, { cause: failure });
      await sleep(100);
    }
  }

  /** containerd answers before its image is imported, and would pull what it does not have. */
  private async isReady(): Promise<boolean> {
    await this.pods();
    const images = await call(this.socket, '/runtime.v1.ImageService/ListImages', message());
    return field(images, 1).length > 0;
  }

  /** What the kubelet asks for first of all for a pod. */
  async runPod(name: string, { attempt = 0, network = 'host', seconds = 10 } = {}): Promise<string> {
    const metadata = message([1, name], [2, `uid-of-${name}`], [3, 'default'], [4, attempt]);
    const namespaces = message([1, network === 'host' ? 2 : 0]);
    const linux = message([1, this.cgroup], [2, message([1, namespaces])]);
    const config = message([1, metadata], [8, linux]);
    const answer = await this.cri('RunPodSandbox', message([1, config]), seconds);
    return `${field(answer, 1)[0] ?? ''}`;
  }

  async pods(): Promise<readonly Pod[]> {
    const pods = field(await this.cri('ListPodSandbox', message()), 1).map((item): Pod => {
      if (typeof item === 'number') throw new Error('ListPodSandbox: expected sandboxes, got a number');
      return { id: `${field(item, 1)[0]}`, state: field(item, 3)[0] ? 'not ready' : 'ready' };
    });
    // containerd gives them in any order.
    return pods.sort((one, other) => one.id.localeCompare(other.id));
  }

  /** Writes a second record of a sandbox, as an unfinished removal leaves it: the same in all but its id. */
  async duplicate(id: string): Promise<string> {
    const containers = '/containerd.services.containers.v1.Containers';
    const headers = { 'containerd-namespace': 'k8s.io' };
    const record = await call(this.socket, `${containers}/Get`, message([1, id]), { headers });
    const twin = `deadbeef${id.slice(8)}`;
    // Ids of one length: no length within the message changes. The metadata inside is JSON.
    const text = record.toString('latin1').replaceAll(id, twin);
    await call(this.socket, `${containers}/Create`, Buffer.from(text, 'latin1'), { headers });
    return twin;
  }

  /** What the clean-up said. */
  said = (): string => this.run('journalctl', '-t', 'sandbox-cleanup', '-o', 'cat', '--no-pager').stdout;

  records = (): readonly string[] =>
    this.run('ctr', '-n', 'k8s.io', 'containers', 'list', '-q').stdout.split('\n').filter(Boolean);

  override async destroy(): Promise<void> {
    // What stands for a pause container ignores SIGTERM: an orderly end would wait for it.
    await this.crash();
    await super.destroy();
    // cgroups are the kernel's, not the machine's.
    spawnSync('find', [
      '/sys/fs/cgroup',
      '-depth',
      '-type',
      'd',
      '-path',
      `*${this.cgroup}*`,
      '-exec',
      'rmdir',
      '{}',
      '+',
    ]);
  }

  private get cgroup(): string {
    return `/${basename(dirname(this.root))}`;
  }

  private get socket(): string {
    return `/proc/${this.init}/root/run/containerd/containerd.sock`;
  }

  private cri = (method: string, request: Buffer, seconds?: number): Promise<Buffer> =>
    call(this.socket, `/runtime.v1.RuntimeService/${method}`, request, seconds === undefined ? {} : { seconds });

  private enable(unit: string): void {
    const { status, stderr } = spawnSync('systemctl', [`--root=${this.root}`, 'enable', unit], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`unit '${unit}': expected it enabled, got ${stderr}`);
  }
}

const CONFIG = `version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/pause:test"
  restrict_oom_score_adj = true
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/opt/cni"
    conf_dir = "/etc/cni/net.d"
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "native"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      SystemdCgroup = false
`;

// As Debian ships it, but for the wait before a restart. The image is imported before anybody asks for it.
const UNIT = `[Service]
ExecStartPre=/usr/local/bin/node-prep
ExecStart=/usr/bin/containerd
ExecStartPost=/bin/sh -c 'test -e /var/lib/pause.done || { ctr -n k8s.io images import --snapshotter native /var/lib/pause.tar && touch /var/lib/pause.done; }'
Type=notify
Delegate=yes
KillMode=process
Restart=always
RestartSec=1
[Install]
WantedBy=multi-user.target
`;

// nspawn leaves the cgroups read-only.
const PREPARE = `#!/bin/sh
for folder in /sys/fs/cgroup /sys/fs/cgroup/*; do
  mountpoint -q "$folder" && mount -o remount,bind,rw "$folder"
done
:
`;

const NETWORK = `{"cniVersion":"0.4.0","name":"pods","plugins":[{"type":"plugin"}]}`;

// While the flag stands, a helper of the plugin hangs.
const PLUGIN = `#!/bin/sh
[ "$CNI_COMMAND" != ADD ] || [ ! -e /run/hang ] || [ "\${0##*/}" = loopback ] || sleep 100000
[ "$CNI_COMMAND" != VERSION ] || { echo '{"cniVersion":"0.4.0","supportedVersions":["0.4.0"]}'; exit 0; }
[ "$CNI_COMMAND" != ADD ] || printf '{"cniVersion":"0.4.0","interfaces":[{"name":"%s","sandbox":"%s"}],"ips":[{"version":"4","address":"10.0.0.2/24","interface":0}]}' "$CNI_IFNAME" "$CNI_NETNS"
`;

/** A docker archive of one layer: a busybox that sleeps, since the pause image cannot be pulled. */
function pauseImage(): string {
  const folder = mkdtempSync(join(tmpdir(), 'image-'));
  mkdirSync(join(folder, 'rootfs'));
  cpSync(realpathSync('/bin/busybox'), join(folder, 'rootfs/busybox'));
  const tar = (file: string, from: string, ...names: readonly string[]) => {
    const { status, stderr } = spawnSync('tar', ['-cf', file, '-C', from, ...names], { encoding: 'utf8' });
    if (status !== 0) throw new Error(`tar '${file}': expected an archive, got ${stderr}`);
  };
  tar(join(folder, 'layer.tar'), join(folder, 'rootfs'), 'busybox');
  const sum = spawnSync('sha256sum', [join(folder, 'layer.tar')], { encoding: 'utf8' }).stdout.split(' ')[0];
  const config = JSON.stringify({
    architecture: { x64: 'amd64' }[process.arch as string] ?? process.arch,
    os: 'linux',
    config: { Entrypoint: ['/busybox', 'sleep', '1000000'] },
    rootfs: { type: 'layers', diff_ids: [`sha256:${sum}`] },
  });
  const name = `${createHash('sha256').update(config).digest('hex')}.json`;
  writeFileSync(join(folder, name), config);
  const manifest = [{ Config: name, RepoTags: ['docker.io/library/pause:test'], Layers: ['layer.tar'] }];
  writeFileSync(join(folder, 'manifest.json'), JSON.stringify(manifest));
  tar(join(folder, 'image.tar'), folder, ...readdirSync(folder).filter((entry) => entry !== 'rootfs'));
  return join(folder, 'image.tar');
}
