import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readlinkSync, symlinkSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { type FakeHost, fakeHost } from '../../support/fake-host.js';
import { describeWith } from '../../support/tools.js';

// The same with a real containerd: test/host/sandbox-names.test.ts.
const SCRIPT = new URL('../../../src/layers/sandbox-cleanup/scripts/end-hung-cni.sh', import.meta.url).pathname;
const REAL = ['timeout', 'sleep', 'grep', 'xargs', 'sed', 'find', 'readlink'];
const ID = 'a'.repeat(64);
const CALL = { CNI_COMMAND: 'ADD', CNI_CONTAINERID: ID };

type Process = ChildProcess & { readonly pid: number };

/** A real process, as the node's /proc shows it. Its output is a pipe; what Node calls one is a socket. */
async function hanging(host: FakeHost, env: Readonly<Record<string, string>> = CALL): Promise<Process> {
  const command = ['-c', 'exec sleep 60 > >(exec cat)'];
  const child = spawn('bash', command, { env: { PATH: process.env.PATH, ...env }, stdio: 'ignore' });
  onTestFinished(() => void child.kill('SIGKILL'));
  const { pid } = child;
  if (pid === undefined) throw new Error('sleep: expected a process, got none');
  await expect.poll(() => outputOf({ pid })).toMatch(/^pipe:/);
  symlinkSync(`/proc/${pid}`, host.path(`proc/${pid}`));
  return Object.assign(child, { pid });
}

/** The node's containerd, which holds the other end of a process's output. */
function containerd(host: FakeHost, pipe: string): void {
  mkdirSync(host.path('proc/1/fd'), { recursive: true });
  host.write('proc/1/comm', 'containerd\n');
  symlinkSync(host.path('bin/containerd'), host.path('proc/1/exe'));
  symlinkSync(pipe, host.path('proc/1/fd/7'));
}

function node(): FakeHost {
  const host = fakeHost(REAL, { logger: '', containerd: '' });
  // Far ahead of this machine: whatever runs is old.
  host.write('proc/uptime', '99999999.00 1.00\n');
  return host;
}

const run = (host: FakeHost, env: Readonly<Record<string, string>> = {}) =>
  host.run(SCRIPT, {
    SANDBOX_CLEANUP_LIBRARY: SCRIPT.replace(/\/[^/]*$/, ''),
    SANDBOX_CLEANUP_CONTAINERD_ROOT: '/var/lib/containerd',
    SANDBOX_CLEANUP_CONTAINERD_STATE: '/run/containerd',
    SANDBOX_CLEANUP_CONTAINERD_SOCKET: '/run/containerd/containerd.sock',
    SANDBOX_CLEANUP_CONTAINERD_PROGRAM: host.path('bin/containerd'),
    SANDBOX_CLEANUP_CONTAINERD_UNIT: 'k3s.service',
    SANDBOX_CLEANUP_CTR_PROGRAM: '/usr/bin/ctr',
    SANDBOX_CLEANUP_PROC_FOLDER: host.path('proc'),
    ...env,
  });

/** Asks the kernel: Node hears of an end only when the test waits. */
const lives = ({ pid }: Process) => {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
};
const outputOf = ({ pid }: { readonly pid: number }) => readlinkSync(`/proc/${pid}/fd/1`);

describeWith(['bash', 'grep', 'find'], 'a process of a network plugin', () => {
  test('is left alone while it is younger than the limit', async () => {
    const host = node();
    const child = await hanging(host);
    containerd(host, outputOf(child));
    host.write('proc/uptime', '0.01 0.01\n');

    expect(run(host).status).toBe(0);
    expect(lives(child)).toBe(true);
  });

  test('is left alone where containerd does not read its output: it may be a daemon that a plugin started', async () => {
    const host = node();
    const child = await hanging(host);
    containerd(host, 'pipe:[1]');

    expect(run(host).status).toBe(0);
    expect(lives(child)).toBe(true);
  });

  test.each([
    ['the id of a sandbox', { ...CALL, CNI_CONTAINERID: 'aaa' }],
    ['a known command', { ...CALL, CNI_COMMAND: 'INSTALL' }],
    ['a command', { CNI_CONTAINERID: ID }],
  ])('is left alone without %s in its environment', async (_, env) => {
    const host = node();
    const child = await hanging(host, env);
    containerd(host, outputOf(child));

    expect(run(host).status).toBe(0);
    expect(lives(child)).toBe(true);
  });

  test('is left alone where the node has no containerd, or another program by that name', async () => {
    const host = node();
    const child = await hanging(host);

    const without = run(host).status;
    containerd(host, outputOf(child));
    const other = run(host, { SANDBOX_CLEANUP_CONTAINERD_PROGRAM: host.path('bin/timeout') }).status;

    expect([without, other]).toEqual([2, 2]);
    expect(lives(child)).toBe(true);
  });

  test.each(['', 'soon'])('is left alone where the uptime reads %j', async (uptime) => {
    const host = node();
    const child = await hanging(host);
    containerd(host, outputOf(child));
    host.write('proc/uptime', uptime);

    expect(run(host).status).toBe(2);
    expect(lives(child)).toBe(true);
  });

  test('is ended when it is old and containerd waits for it, and nothing else is', async () => {
    const host = node();
    const child = await hanging(host);
    const other = await hanging(host, {});
    containerd(host, outputOf(child));

    const { status, calls } = run(host);

    expect(status).toBe(3);
    expect(lives(other)).toBe(true);
    expect(calls).toEqual([
      expect.stringMatching(`ending process ${child.pid} of a network plugin: ADD ${ID} has not ended for \\d+ s`),
    ]);
    await expect.poll(() => child.signalCode).toBe('SIGTERM');
  });

  test('has its limit as a whole number of seconds', () => {
    const { status, calls } = run(node(), { SANDBOX_CLEANUP_HUNG_CNI_SECONDS: '10min' });

    expect(status).toBe(1);
    expect(calls.join('\n')).toContain("'SANDBOX_CLEANUP_HUNG_CNI_SECONDS': expected a whole number above 0");
  });
});
