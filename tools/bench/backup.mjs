/** What a backup costs beside plain rsync on the same files in the same run: a mirror (-az --delete) and --link-dest. */
import { appendFileSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { benchBandwidth } from './bandwidth.mjs';
import { FarSide } from './far-side.mjs';
import { median, table } from './figures.mjs';

const VOLUMES = 8;
const FILES_A_FOLDER = 200;
const QUIET_RUNS = 5;

export async function benchBackup({ rounds, files, rsyncs }) {
  for (const count of files) await benchSize(count, count > 10_000 ? Math.ceil(rounds / 5) : rounds);
  await benchBandwidth(rsyncs);
}

async function benchSize(count, rounds) {
  const side = await new FarSide().start();
  const times = new Map();
  const memory = new Map();
  try {
    const paths = plant(side.source, count);
    for (let round = 0; round < rounds; round++) await measure(side, paths, round, times, memory);
  } finally {
    await side.remove();
  }
  show(count, rounds, times, memory);
}

/** One life of a store: the first backup, runs without and with changes, a drill, and a snapshot that has to go. */
async function measure(side, paths, round, times, memory) {
  const note = (what, whose, { seconds }) => {
    const key = `${what}\t${whose}`;
    times.set(key, [...(times.get(key) ?? []), seconds]);
    memory.set(key, Math.max(memory.get(key) ?? 0, side.memory));
  };
  const store = side.prepare(`store-${round}`);
  const [mirror, links] = [`mirror-${round}`, `links-${round}`];
  side.own(`far/${links}`);
  const copy = () => side.plain(['-az', '--delete', `${side.source}/`, `far:${mirror}/`]);
  let tree = 0;
  const link = () => {
    const base = tree === 0 ? [] : [`--link-dest=../${tree}`];
    return side.plain(['-a', ...base, `${side.source}/`, `far:${links}/${++tree}/`]);
  };
  const all = async (what, then = () => {}) => {
    note(what, 'ours', await side.pod('backup.sh', store));
    note(what, 'mirror', await copy());
    const linked = await link();
    const removed = await then();
    note(what, 'links', { seconds: linked.seconds + (removed?.seconds ?? 0) });
  };

  await all('first backup');
  await all('no change');
  for (let run = 1; run < QUIET_RUNS; run++) {
    note('no change', 'ours', await side.pod('backup.sh', store));
    note('no change', 'mirror', await copy());
  }
  await change(paths, round * 10 + 1);
  await all('1 % changed');
  const { volume, ...drill } = await drilled(side, store);
  note('one volume read back', 'ours', drill);
  mkdirSync(side.at('back'));
  note('one volume read back', 'mirror', await side.plain(['-az', `far:${mirror}/${volume}/`, `${side.at('back')}/`]));
  rmSync(side.at('back'), { recursive: true });
  await change(paths, round * 10 + 2);
  await all('1 % changed');
  age(store);
  await change(paths, round * 10 + 3);
  await all('1 % changed, the oldest removed', () => side.far(`rm -rf ${side.at('far', links)}/1`));
  const kept = readdirSync(join(store, 'snapshots')).length;
  if (kept !== 3) throw new Error(`snapshots in '${store}': expected 3 after the oldest was removed, got ${kept}`);
  await side.run('rm', ['-rf', ...[`store-${round}`, mirror, links].map((name) => side.at('far', name))]);
}

async function drilled(side, store) {
  const done = await side.pod('drill.sh', store);
  const verified = readdirSync(join(store, 'snapshots')).flatMap((name) =>
    readdirSync(join(store, 'snapshots', name, 'verified')),
  );
  if (verified.length !== 1)
    throw new Error(`drill: expected one volume verified, got ${verified.length}: ${done.text}`);
  return { ...done, volume: verified[0] };
}

/** Files of 0 to 8 KB that do not compress, in volumes and folders. */
function plant(source, count) {
  const noise = Buffer.from(Array.from({ length: 16_384 }, () => Math.floor(Math.random() * 256)));
  return Array.from({ length: count }, (_, number) => {
    const folder = join(
      source,
      `pvc-${number % VOLUMES}_home_claim-${number % VOLUMES}`,
      `folder-${Math.floor(number / VOLUMES / FILES_A_FOLDER)}`,
    );
    mkdirSync(folder, { recursive: true });
    const path = join(folder, `file-${number}.dat`);
    writeFileSync(path, noise.subarray(number % 8191, (number % 8191) + ((number * 7919) % 8000)));
    return path;
  });
}

async function change(paths, seed) {
  for (let number = seed % 100; number < paths.length; number += 100) appendFileSync(paths[number], `${seed}\n`);
}

/** Makes all snapshots so old that only their number keeps them. */
function age(store) {
  for (const name of readdirSync(join(store, 'snapshots'))) {
    const path = join(store, 'snapshots', name, 'snapshot');
    writeFileSync(path, readFileSync(path, 'utf8').replace(/^epoch \d+$/m, 'epoch 1000000000'));
  }
}

function show(count, rounds, times, memory) {
  const rows = [
    [
      `${count} files, ${rounds} rounds, medians`,
      'ours',
      'mirror',
      'ratio',
      '--link-dest',
      'ratio',
      'far memory',
      'mirror',
    ],
  ];
  for (const what of new Set([...times.keys()].map((key) => key.split('\t')[0]))) {
    const of = (whose) => (times.has(`${what}\t${whose}`) ? median(times.get(`${what}\t${whose}`)) : undefined);
    const mib = (whose) => `${(memory.get(`${what}\t${whose}`) / 2 ** 20).toFixed(1)} MiB`;
    const beside = (whose) => (of(whose) ? [seconds(of(whose)), (of('ours') / of(whose)).toFixed(2)] : ['-', '-']);
    rows.push([what, seconds(of('ours')), ...beside('mirror'), ...beside('links'), mib('ours'), mib('mirror')]);
  }
  console.log();
  table(rows);
  console.log('goal: with no change at most 1.2 of a mirror');
}

const seconds = (value) => `${value.toFixed(2)} s`;
