/**
 * How long it takes to look for drift, beside `kubectl diff --server-side` on the same objects.
 *
 * Runs of both are interleaved, so that a busy moment of the machine hits each of them.
 */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createInterface } from 'node:readline';
import { build } from 'esbuild';
import { median, table } from './figures.mjs';

const GOAL = 0.3;

/** Nothing of the developer's own settings: with NODE_EXTRA_CA_CERTS, Node reads those and its own at each start. */
const ENVIRONMENT = { PATH: process.env.PATH, HOME: process.env.HOME };

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
    const selfheal = (...more) => [
      process.execPath,
      [resolve('build/bin/selfheal.cjs'), 'drift', '--context', 'bench', '--cluster', 'homelab', ...more],
    ];
    const layer = { 'kubectl diff': kubectl(found.layer), selfheal: selfheal() };
    compare('the whole layer, in step', rounds, found, { ...layer, 'selfheal, all asked': selfheal('--admission') });
    changeByHand(found, 10);
    compare('the whole layer, 10 objects changed', rounds, found, layer);
    compare('1,000 objects', Math.max(3, Math.ceil(rounds / 5)), found, {
      'kubectl diff': kubectl(found.many),
      selfheal: [process.execPath, [many, found.many, found.kubeconfig]],
    });
  } finally {
    cluster.stdin.end();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
}

async function firstLine(stream) {
  for await (const line of createInterface({ input: stream })) return line;
}

/** What Argo CD set is another value then, and somebody else's. */
function changeByHand({ kubectl, kubeconfig, layer }, count) {
  const change = ['annotate', '--overwrite', 'argocd.argoproj.io/tracking-id=changed'];
  const files = readdirSync(layer).slice(0, count);
  const { status, stderr } = spawnSync(
    kubectl,
    ['--context=bench', `--kubeconfig=${kubeconfig}`, ...change, ...files.flatMap((file) => ['-f', join(layer, file)])],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`bench drift: expected ${count} objects to change, got ${stderr}`);
}

/** The first way is what the others are measured in. */
function compare(title, rounds, cluster, ways) {
  const times = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
  for (let round = -1; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const time = measure(name, way, cluster);
      if (round >= 0) times[name].push(time); // The first round warms their caches.
    }
  }
  const of = (name, value) => median(times[name].map((time) => time[value]));
  const [first] = Object.keys(ways);
  const rows = Object.keys(ways).map((name) => [
    name,
    of(name, 'wall').toFixed(0),
    Math.min(...times[name].map(({ wall }) => wall)).toFixed(0),
    (of(name, 'wall') / of(first, 'wall')).toFixed(2),
    of(name, 'cpu').toFixed(0),
    (of(name, 'cpu') / of(first, 'cpu')).toFixed(2),
    String(times[name].length),
  ]);
  table([[title, 'median ms', 'least ms', `x ${first}`, 'CPU ms', `x ${first}`, 'runs'], ...rows]);
  console.log(`goal: ${GOAL} x ${first}; reached: ${(of('selfheal', 'wall') / of(first, 'wall')).toFixed(2)}\n`);
}

function measure(name, [command, args], { kubeconfig }) {
  const before = childrensCpu();
  const start = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, {
    env: { ...ENVIRONMENT, KUBECONFIG: kubeconfig },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const wall = performance.now() - start;
  // 1: there is drift. What cannot be told or fails has another status, and another duration.
  if (status !== 0 && status !== 1)
    throw new Error(`bench '${name}': expected exit status 0 or 1, got ${status}: ${stdout.slice(0, 500)}${stderr}`);
  return { wall, cpu: childrensCpu() - before };
}

/** Milliseconds of all programs that were run from here and have ended: a busy machine changes them least. */
function childrensCpu() {
  const stat = readFileSync('/proc/self/stat', 'utf8');
  const [user, system] = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .slice(13, 15);
  return (Number(user) + Number(system)) * 10;
}
