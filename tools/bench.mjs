/**
 * What selfheal costs, each time beside other ways to the same end: `npm run bench -- [synth] [watchdog] [converge] [backup] [drift] [scale]`.
 *
 * Ratios of one run; it asserts nothing. Options: --rounds=N (15), --idle=SECONDS of watching the watchdog do nothing (60),
 * --files=N of the backup (1000 and 100000), --rsync=PATH of another rsync whose bandwidth limit is measured as well,
 * --nodes=N (100) and --pods=N (5000) of the large cluster.
 */
import { parseArgs } from 'node:util';
import { benchBackup } from './bench/backup.mjs';
import { benchConverge } from './bench/converge.mjs';
import { benchDrift } from './bench/drift.mjs';
import { benchScale } from './bench/scale.mjs';
import { benchSynth } from './bench/synth.mjs';
import { benchWatchdog } from './bench/watchdog.mjs';

const BENCHES = {
  synth: benchSynth,
  converge: benchConverge,
  watchdog: benchWatchdog,
  backup: benchBackup,
  drift: benchDrift,
  scale: benchScale,
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '15' },
    idle: { type: 'string', default: '60' },
    files: { type: 'string', multiple: true, default: ['1000', '100000'] },
    rsync: { type: 'string', multiple: true, default: [] },
    nodes: { type: 'string', default: '100' },
    pods: { type: 'string', default: '5000' },
  },
});
const chosen = positionals.length > 0 ? positionals : Object.keys(BENCHES);
const unknown = chosen.filter((name) => !(name in BENCHES));
if (unknown.length > 0) {
  console.error(`bench: expected ${Object.keys(BENCHES).join(', ')}, got ${unknown.join(', ')}`);
  process.exit(2);
}
for (const name of chosen) {
  console.log(`\n== ${name}`);
  await BENCHES[name]({
    rounds: Number(values.rounds),
    idleSeconds: Number(values.idle),
    files: values.files.map(Number),
    rsyncs: values.rsync,
    nodes: Number(values.nodes),
    pods: Number(values.pods),
  });
}
