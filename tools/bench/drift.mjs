/**
 * How long it takes to look for drift, beside `kubectl diff --server-side` on the same objects.
 *
 * Runs of both are interleaved, so that a busy moment of the machine hits each of them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { median, table } from './figures.mjs';

const GOAL = 0.3;
const KUBECTL_FLAGS = ['--server-side', '--force-conflicts', '--field-manager=argocd-controller', '--recursive'];

export async function benchDrift({ rounds }) {
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-bench-'));
  const cluster = spawn(process.execPath, ['--import', 'tsx', 'tools/bench/drift-cluster.ts'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => cluster.once('exit', resolve));
  try {
    const many = join(folder, 'drift-many.cjs');
    await build({ entryPoints: ['tools/bench/drift-many.ts'], outfile: many, bundle: true, platform: 'node' });
    const up = await Promise.race([firstLine(cluster.stdout), ended.then(() => undefined)]);
    if (up === undefined) throw new Error('bench drift: expected a cluster, got none (tools/install-cluster-tools.sh)');
    const found = JSON.parse(up);
    const kubectl = (objects) => [found.kubectl, ['--context=bench', 'diff', ...KUBECTL_FLAGS, '-f', objects]];
    const selfheal = ['drift', '--context', 'bench', '--cluster', 'homelab'];
    compare('the whole layer', rounds, found, kubectl(found.layer), [
      process.execPath,
      [resolve('build/bin/selfheal.mjs'), ...selfheal],
    ]);
    compare('1,000 objects', Math.max(3, Math.ceil(rounds / 5)), found, kubectl(found.many), [
      process.execPath,
      [many, found.many, found.kubeconfig],
    ]);
  } finally {
    cluster.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) return line;
}

function compare(title, rounds, cluster, theirs, ours) {
  const times = { kubectl: [], selfheal: [] };
  for (let round = -1; round < rounds; round++) {
    for (const [name, way] of [
      ['kubectl', theirs],
      ['selfheal', ours],
    ]) {
      const time = measure(name, way, cluster);
      if (round >= 0) times[name].push(time); // The first round warms their caches.
    }
  }
  const [kubectl, selfheal] = [median(times.kubectl), median(times.selfheal)];
  const rows = Object.entries(times).map(([name, values]) => [
    name,
    median(values).toFixed(0),
    Math.min(...values).toFixed(0),
    (median(values) / kubectl).toFixed(2),
    String(values.length),
  ]);
  table([[title, 'median ms', 'least ms', 'x kubectl diff', 'runs'], ...rows]);
  console.log(`goal: ${GOAL} x kubectl diff; reached: ${(selfheal / kubectl).toFixed(2)}\n`);
}

function measure(name, [command, args], { kubeconfig }) {
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    env: { ...process.env, KUBECONFIG: kubeconfig },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const time = performance.now() - start;
  // 1: there is drift. What cannot be told or fails has another status, and another duration.
  if (status !== 0 && status !== 1)
    throw new Error(`bench '${name}': expected exit status 0 or 1, got ${status}: ${stdout.slice(0, 500)}${stderr}`);
  return time;
}
