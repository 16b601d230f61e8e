/** A node-bootstrap pod without a kubelet: the payload mounted, its containers run by busybox's shell and nothing else. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { HostGroup } from '../../src/cluster/cluster.js';
import { type HostState, NOTHING } from '../../src/host/host-state.js';
import { contentHash } from '../../src/layers/node-bootstrap/content-hash.js';
import { enterHost } from '../../src/layers/node-bootstrap/enter-host.js';
import { payloadOf } from '../../src/layers/node-bootstrap/payload.js';
import { BOOTSTRAP_FOLDER, onDriftOf } from '../../src/layers/node-bootstrap/plan.js';
import { groupWith } from '../layers/node-bootstrap/fake-host.js';
import type { Machine } from './machine.js';

const APPLETS = 'sh sha256sum timeout cut mkdir cp rm mv nsenter sleep cat test'.split(' ');
const METRICS = '/var/lib/node-exporter/textfile/selfheal_bootstrap.prom';

interface PodOptions {
  readonly group?: Partial<HostGroup>;
  /** Words before the shell, e.g. setpriv with the capabilities of the container. */
  readonly under?: readonly string[];
}

export class BootstrapPod {
  private readonly folder = mkdtempSync(join(tmpdir(), 'pod-'));
  private readonly mounted = join(this.folder, 'payload');
  readonly watchFolder = join(this.folder, 'watch');
  private readonly group: HostGroup;
  private readonly under: readonly string[];
  private watching: ChildProcess | undefined;
  private ended: Promise<number | null> = Promise.resolve(null);
  private hash = '';
  output = '';

  constructor(
    private readonly machine: Machine,
    { group = {}, under = [] }: PodOptions = {},
  ) {
    this.group = { ...groupWith('piboot'), ...group };
    this.under = under;
    for (const folder of ['bin', 'watch']) mkdirSync(join(this.folder, folder));
    for (const applet of APPLETS) symlinkSync('/bin/busybox', join(this.folder, 'bin', applet));
  }

  /** The ConfigMap of a state, as the kubelet mounts it. */
  mount(state: Partial<HostState>): void {
    const payload = payloadOf(this.group, { ...NOTHING, ...state });
    this.hash = contentHash(payload);
    rmSync(this.mounted, { recursive: true, force: true });
    mkdirSync(this.mounted);
    for (const [key, content] of payload) writeFileSync(join(this.mounted, key), content);
  }

  /** The init container: mounts the ConfigMap of a state and brings it to the host. */
  converge(state: Partial<HostState>) {
    this.mount(state);
    const [program, ...args] = this.words(
      'stage.sh',
      enterHost(['bash', `${BOOTSTRAP_FOLDER}/payload/converge.sh`], this.machine.init),
    );
    const { status, stdout, stderr } = spawnSync(program ?? '', args, { encoding: 'utf8', env: this.environment() });
    return { status, stderr, lines: stdout.trimEnd().split('\n') };
  }

  /** The watch container, which looks each second. */
  watch(settings: Readonly<Record<string, string>> = {}): void {
    const [program, ...args] = this.words('watch.sh', enterHost([], this.machine.init));
    const watching = spawn(program ?? '', args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...this.environment(),
        WATCH_EVERY: '1',
        WATCH_ON_DRIFT: onDriftOf(this.group),
        WATCH_FOLDER: this.watchFolder,
        WATCH_PAYLOAD: this.mounted,
        ...settings,
      },
    });
    const hear = (chunk: Buffer) => {
      this.output += chunk;
    };
    watching.stdout.on('data', hear);
    watching.stderr.on('data', hear);
    this.ended = new Promise((resolve) => watching.once('exit', resolve));
    this.watching = watching;
  }

  /** All that one look costs: the payload's hash and the host program's check. */
  look() {
    const way = enterHost([], this.machine.init);
    const run = ([program = '', ...args]: readonly string[]) =>
      spawnSync(program, args, { encoding: 'utf8', env: this.environment() });
    const staged = run(this.words('stage.sh', ['--check']));
    if (staged.status !== 0) return staged;
    return run([...this.under, '/bin/busybox', ...way, 'bash', `${BOOTSTRAP_FOLDER}/payload/converge.sh`, '--check']);
  }

  /** What the kubelet asks. */
  get ready(): boolean {
    return existsSync(join(this.watchFolder, 'ready'));
  }

  /** The host's metrics by name and labels; undefined where there are none. */
  get metrics(): ReadonlyMap<string, number> | undefined {
    const text = this.machine.read(METRICS);
    if (text === null) return undefined;
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    return new Map(
      lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
    );
  }

  items(state: 'kept' | 'drifted' | 'refused' | 'cannot-tell'): number | undefined {
    return this.metrics?.get(`selfheal_bootstrap_items{state="${state}"}`);
  }

  get restores(): number | undefined {
    return this.metrics?.get('selfheal_bootstrap_restores_total');
  }

  /** Waits until something is so. */
  async until(what: string, holds: () => boolean, seconds = 10): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    while (!holds()) {
      if (performance.now() > deadline)
        throw new Error(`pod: expected it ${what} within ${seconds} s, it said ${this.output}`);
      await sleep(50);
    }
  }

  /** What the kubelet does with a pod that is to go, or with a node that loses its power. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    this.watching?.kill(signal);
    const status = await this.ended;
    this.watching = undefined;
    return status;
  }

  async destroy(): Promise<void> {
    if (this.watching !== undefined) await this.stop('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private words(script: string, way: readonly string[]): readonly string[] {
    const file = new URL(`../../src/layers/node-bootstrap/scripts/${script}`, import.meta.url).pathname;
    return [...this.under, '/bin/busybox', 'sh', file, ...way];
  }

  private environment(): Record<string, string> {
    return {
      PATH: join(this.folder, 'bin'),
      STAGE_CONTENT_SHA256: this.hash,
      STAGE_PAYLOAD: this.mounted,
      STAGE_TARGET: join(this.machine.root, BOOTSTRAP_FOLDER),
    };
  }
}
