/**
 * The clean-up against a real containerd on a root of its own. Needs root, containerd, ctr, runc and a static busybox; pulls nothing:
 * the containers are records and one process on the host's own file system.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../support/tools.js';

const SCRIPT = new URL('../../src/layers/sandbox-cleanup/scripts/pre-start-cleanup.sh', import.meta.url).pathname;
const LIBRARY = SCRIPT.replace(/\/[^/]*$/, '');
const LABEL = 'io.cri-containerd.kind';

/** A node's containerd that can be started and stopped, with `ctr` on it. */
class Node {
  readonly folder = mkdtempSync(join(tmpdir(), 'node-'));
  readonly socket = join(this.folder, 'containerd.sock');
  private containerd: ChildProcess | undefined;

  constructor() {
    mkdirSync(join(this.folder, 'rootfs'));
    copyFileSync('/bin/busybox', join(this.folder, 'rootfs/busybox'));
    writeFileSync(
      join(this.folder, 'config.toml'),
      [
        'version = 2',
        `root = "${this.folder}/root"`,
        `state = "${this.folder}/state"`,
        'disabled_plugins = ["io.containerd.grpc.v1.cri", "io.containerd.internal.v1.opt"]',
        `[grpc]\n  address = "${this.socket}"`,
      ].join('\n'),
    );
    onTestFinished(async () => {
      await this.stop();
      rmSync(this.folder, { recursive: true });
    });
  }

  async start(): Promise<void> {
    this.containerd = spawn('containerd', ['--config', join(this.folder, 'config.toml')], { stdio: 'ignore' });
    for (let attempt = 0; attempt < 100; attempt++) {
      if (spawnSync('ctr', ['--address', this.socket, '--connect-timeout', '1s', 'version']).status === 0) return;
      await sleep(100);
    }
    throw new Error(`containerd '${this.folder}': expected it to answer within 10 seconds, got nothing`);
  }

  async stop(): Promise<void> {
    const containerd = this.containerd;
    this.containerd = undefined;
    if (!containerd) return;
    const ended = new Promise((resolve) => containerd.once('exit', resolve));
    containerd.kill('SIGTERM');
    await ended;
  }

  ctr(namespace: string, ...args: readonly string[]): readonly string[] {
    const command = ['--address', this.socket, '--namespace', namespace, ...args];
    const { status, stdout, stderr } = spawnSync('ctr', command, { encoding: 'utf8' });
    if (status !== 0) throw new Error(`ctr ${command.join(' ')}: ${stderr}`);
    return stdout.split('\n').filter((line) => line !== '');
  }

  create(namespace: string, id: string, kind?: string): void {
    const label = kind === undefined ? [] : ['--label', `${LABEL}=${kind}`];
    this.ctr(namespace, 'containers', 'create', '--rootfs', ...label, join(this.folder, 'rootfs'), id, '/bin/true');
  }

  containers = (namespace: string): readonly string[] => this.ctr(namespace, 'containers', 'list', '-q');

  cleanUp(environment: Readonly<Record<string, string>> = {}): number | null {
    const { status } = spawnSync(SCRIPT, {
      stdio: 'inherit',
      env: {
        PATH: process.env.PATH,
        SANDBOX_CLEANUP_CONTAINERD_ROOT: join(this.folder, 'root'),
        SANDBOX_CLEANUP_LIBRARY: LIBRARY,
        SANDBOX_CLEANUP_CONTAINERD_STATE: join(this.folder, 'state'),
        SANDBOX_CLEANUP_CONTAINERD_UNIT: 'no-such-unit.service',
        SANDBOX_CLEANUP_CONTAINERD_SOCKET: this.socket,
        SANDBOX_CLEANUP_CONTAINERD_PROGRAM: '/usr/bin/containerd',
        SANDBOX_CLEANUP_CTR_PROGRAM: '/usr/bin/ctr',
        SANDBOX_CLEANUP_LOCK_SECONDS: '1',
        SANDBOX_CLEANUP_TIMEOUT_SECONDS: '30',
        SANDBOX_CLEANUP_CNI_FOLDER: join(this.folder, 'cni'),
        SANDBOX_CLEANUP_STATE_FOLDER: join(this.folder, 'clean-up-state'),
        SANDBOX_CLEANUP_RUN_FOLDER: join(this.folder, 'run'),
        ...environment,
      },
    });
    return status;
  }
}

describeWith(
  ['busybox', 'containerd', 'ctr', 'runc', 'flock', 'setpriv'],
  'the sandbox clean-up with a real containerd',
  () => {
    test('removes sandboxes and their containers, and nothing else', async () => {
      const node = new Node();
      await node.start();
      node.create('k8s.io', 'sandbox1', 'sandbox');
      node.create('k8s.io', 'container1', 'container');
      node.create('k8s.io', 'by-hand');
      node.create('moby', 'sandbox1', 'sandbox');
      node.ctr('k8s.io', 'images', 'import', emptyImage(node.folder));
      await node.stop();

      const status = node.cleanUp();

      expect(status).toBe(3);
      await node.start();
      expect(node.containers('k8s.io')).toEqual(['by-hand']);
      expect(node.containers('moby')).toEqual(['sandbox1']);
      expect(node.ctr('k8s.io', 'images', 'list', '-q')).toEqual(['example.org/empty:1']);
      expect(readdirSync(join(node.folder, 'run'))).toEqual([]);
    });

    test('leaves everything alone while another process holds the database', async () => {
      const node = new Node();
      await node.start();
      node.create('k8s.io', 'sandbox1', 'sandbox');

      const status = node.cleanUp();

      expect(status).toBe(2);
      expect(node.containers('k8s.io')).toEqual(['sandbox1']);
    });

    test('runs once in a boot, and again in the next', async () => {
      const node = new Node();
      await node.start();
      await node.stop();
      const before = node.cleanUp();
      await node.start();
      node.create('k8s.io', 'sandbox1', 'sandbox');
      await node.stop();

      const sameBoot = node.cleanUp();
      writeFileSync(join(node.folder, 'clean-up-state/boot-id'), 'another boot\n');
      const nextBoot = node.cleanUp();

      expect([before, sameBoot, nextBoot]).toEqual([0, 0, 3]);
    });

    test('keeps the sandbox of a container that outlived its containerd', async () => {
      const node = new Node();
      // runc keeps its containers in one place for the whole machine.
      const alive = basename(node.folder);
      await node.start();
      const started = spawnSync(
        'ctr',
        [
          ...['--address', node.socket, '--namespace', 'k8s.io', 'run', '--detach', '--rootfs'],
          ...['--label', `${LABEL}=sandbox`, join(node.folder, 'rootfs'), alive, '/busybox', 'sleep', '60'],
        ],
        { encoding: 'utf8' },
      );
      expect(started.stderr).toBe('');
      node.create('k8s.io', 'sandbox-of-before', 'sandbox');
      await node.stop();

      const status = node.cleanUp();

      await node.start();
      expect(status).toBe(0);
      expect(node.containers('k8s.io')).toEqual([alive, 'sandbox-of-before']);
      expect(node.ctr('k8s.io', 'tasks', 'list').join('\n')).toMatch(new RegExp(`${alive} +\\d+ +RUNNING`));
      node.ctr('k8s.io', 'tasks', 'kill', '--signal', 'KILL', alive);
      await sleep(500);
      node.ctr('k8s.io', 'tasks', 'delete', alive);
    });

    test('a clean-up that is killed lets go of the database', async () => {
      const node = new Node();
      await node.start();
      await node.stop();
      const slow = join(node.folder, 'slow-ctr');
      writeFileSync(slow, '#!/bin/sh\nsleep 20\n', { mode: 0o755 });
      const script = spawn(SCRIPT, {
        stdio: 'inherit',
        env: {
          PATH: process.env.PATH,
          SANDBOX_CLEANUP_CONTAINERD_ROOT: join(node.folder, 'root'),
          SANDBOX_CLEANUP_LIBRARY: LIBRARY,
          SANDBOX_CLEANUP_CONTAINERD_STATE: join(node.folder, 'state'),
          SANDBOX_CLEANUP_CONTAINERD_UNIT: 'no-such-unit.service',
          SANDBOX_CLEANUP_CONTAINERD_SOCKET: node.socket,
          SANDBOX_CLEANUP_CONTAINERD_PROGRAM: '/usr/bin/containerd',
          SANDBOX_CLEANUP_CTR_PROGRAM: slow,
          SANDBOX_CLEANUP_STATE_FOLDER: join(node.folder, 'clean-up-state'),
          SANDBOX_CLEANUP_RUN_FOLDER: join(node.folder, 'run'),
        },
      });
      const log = () => readdirSync(join(node.folder, 'run')).map((name) => join(node.folder, 'run', name, 'log'));
      await expect
        .poll(
          () =>
            log()
              .map((file) => readFileSync(file, 'utf8'))
              .join(''),
          { timeout: 10_000 },
        )
        .toContain('serving');

      script.kill('SIGKILL');

      await expect
        .poll(
          () =>
            spawnSync('flock', ['-n', join(node.folder, 'root/io.containerd.metadata.v1.bolt/meta.db'), 'true']).status,
        )
        .toBe(0);
    });
  },
);

/** An image of no layers at all, as an archive that `ctr images import` takes. */
function emptyImage(folder: string): string {
  const archive = join(folder, 'image');
  mkdirSync(archive);
  const config = JSON.stringify({
    architecture: 'amd64',
    os: 'linux',
    config: {},
    rootfs: { type: 'layers', diff_ids: [] },
  });
  writeFileSync(join(archive, 'config.json'), config);
  writeFileSync(
    join(archive, 'manifest.json'),
    JSON.stringify([{ Config: 'config.json', RepoTags: ['example.org/empty:1'], Layers: [] }]),
  );
  const file = join(folder, 'image.tar');
  const { status, stderr } = spawnSync('tar', ['-cf', file, '-C', archive, 'config.json', 'manifest.json'], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`tar '${file}': ${stderr}`);
  return file;
}
