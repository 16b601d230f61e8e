/**
 * How long a synth takes, beside other ways to the same files.
 *
 * Runs of all ways are interleaved, so that a busy moment of the machine hits each of them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { median, table } from './figures.mjs';

const program = resolve('build/bin/selfheal.cjs');
const node = process.execPath;
const CLUSTERS = ['homelab', 'pvek8s'];

/** Name, command, whether it is slow. The first is what the others are measured in. */
const waysIn = (out) => [
  ['node -e 0', [node, '-e', '0']],
  ['selfheal synth', [node, program, 'synth', '--out', out('selfheal')]],
  [
    'selfheal synth, all written',
    [node, program, 'synth', '--out', out('fresh')],
    { before: () => remove(out('fresh')) },
  ],
  ['selfheal synth, no cache', [node, program, 'synth', '--out', out('cold')], { before: removeCache }],
  ['selfheal synth --check', [node, program, 'synth', '--check', '--out', out('dist')]],
  [
    'kubectl kustomize, once for each cluster',
    [
      'sh',
      '-c',
      CLUSTERS.map((cluster) => `kubectl kustomize --load-restrictor=LoadRestrictionsNone ${out(cluster)}`).join(
        ' && ',
      ),
    ],
    { needs: 'kubectl' },
  ],
  ['tsx src/main.ts', [node, '--import', 'tsx', 'src/main.ts'], { outdir: out('tsx'), slow: true }],
  ['npx tsx src/main.ts', ['npx', 'tsx', 'src/main.ts'], { outdir: out('npx-tsx'), slow: true }],
  ['npx cdk8s synth', ['npx', 'cdk8s', 'synth', '--output', out('cdk8s'), '--check-upgrade=false'], { slow: true }],
  [
    'npx cdk8s synth --app "npx tsx src/main.ts" (the template\'s way)',
    ['npx', 'cdk8s', 'synth', '--app', 'npx tsx src/main.ts', '--output', out('template'), '--check-upgrade=false'],
    { slow: true },
  ],
];

export function benchSynth({ rounds }) {
  const slowRounds = Math.max(3, Math.ceil(rounds / 5));
  const folder = mkdtempSync(join(tmpdir(), 'selfheal-bench-'));
  const out = (name) => join(folder, name);
  try {
    spawnSync(node, [program, 'synth', '--out', out('dist')]);
    for (const cluster of CLUSTERS) {
      const resources = manifests(join(out('dist'), cluster)).map((path) => `- ${relative(out(cluster), path)}\n`);
      mkdirSync(out(cluster));
      writeFileSync(join(out(cluster), 'kustomization.yaml'), `resources:\n${resources.join('')}`);
    }
    const ways = waysIn(out).filter(
      ([, , { needs } = {}]) => needs === undefined || spawnSync('sh', ['-c', `command -v ${needs}`]).status === 0,
    );
    const times = new Map(ways.map(([name]) => [name, []]));
    for (const way of ways) measure(way); // Warms the caches of the machine and of the descriptions.
    for (let round = 0; round < rounds; round++) {
      for (const way of ways) if (!way[2]?.slow || round < slowRounds) times.get(way[0]).push(measure(way));
    }
    report(times);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function measure([name, [command, ...args], { before, outdir } = {}]) {
  before?.();
  const start = performance.now();
  const { status, stderr } = spawnSync(command, args, {
    env: { ...process.env, ...(outdir === undefined ? {} : { CDK8S_OUTDIR: outdir }) },
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  });
  const time = performance.now() - start;
  if (status !== 0) throw new Error(`bench '${name}': expected exit status 0, got ${status}: ${stderr.slice(0, 500)}`);
  return time;
}

function report(times) {
  const medians = new Map([...times].map(([name, values]) => [name, median(values)]));
  const bare = medians.get('node -e 0');
  const template = [...medians].at(-1)[1];
  const rows = [...medians].map(([name, value]) => [
    name,
    value.toFixed(0),
    Math.min(...times.get(name)).toFixed(0),
    (value / bare).toFixed(1),
    (template / value).toFixed(1),
    String(times.get(name).length),
  ]);
  table([['', 'median ms', 'least ms', 'x node -e 0', "template's way x", 'runs'], ...rows]);
  const goal = 2 * bare + 60;
  const reached = medians.get('selfheal synth');
  console.log(
    `\ngoal for selfheal synth: 2 x node -e 0 + 60 ms = ${goal.toFixed(0)} ms; reached: ${reached.toFixed(0)} ms`,
  );
}

function manifests(root) {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .map((path) => join(root, path))
    .filter((path) => path.endsWith('.yaml') && statSync(path).isFile())
    .sort();
}

function remove(path) {
  rmSync(path, { recursive: true, force: true });
}

function removeCache() {
  const cache = resolve('node_modules/.cache/selfheal');
  if (existsSync(cache)) rmSync(cache, { recursive: true });
}
