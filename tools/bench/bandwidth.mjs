/** Whether rsync keeps its limit when it pushes: what really goes through the connection, counted on its way. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { FarSide } from './far-side.mjs';
import { table } from './figures.mjs';

const LIMIT_KIB = 5000;
const MEBIBYTES = 40;
/** At both ends of a transfer this much is the handshake's, the list's and the goodbye's. */
const EDGE = 256 * 1024;

export async function benchBandwidth(rsyncs) {
  const side = await new FarSide().start();
  const relay = await Relay.to(side.port);
  const rows = [[`limit ${LIMIT_KIB} KiB/s, ${MEBIBYTES} MiB pushed`, 'on the wire', 'of the limit', 'busiest second']];
  const note = (what) => rows.push([what, ...relay.figures()]);
  try {
    for (const [content, make] of [
      ['noise', () => randomBytes(MEBIBYTES * 2 ** 20)],
      ['half of it zeros', () => halfZeros()],
    ]) {
      const volume = join(side.source, 'pvc-1_home_one');
      rmSync(volume, { recursive: true, force: true });
      mkdirSync(volume);
      writeFileSync(join(volume, 'data'), make());
      const store = side.prepare(`store-${content.length}`);
      relay.reset();
      await side.pod('backup.sh', store, { limit: LIMIT_KIB, port: relay.port });
      note(`backup.sh, ${content}`);
      for (const rsync of ['rsync', ...rsyncs])
        for (const flags of ['-a', '-az']) {
          relay.reset();
          const words = [flags, `--bwlimit=${LIMIT_KIB}`, `${side.source}/`, `far:copy-${rows.length}/`];
          await side.plain(words, { port: relay.port, rsync });
          note(`rsync ${version(rsync)} ${flags}, ${content}`);
        }
    }
  } finally {
    relay.end();
    await side.remove();
  }
  console.log();
  table(rows);
  console.log('goal: within 5 % of the limit');
}

/** Blocks of noise and of zeros in turn. */
function halfZeros() {
  const data = randomBytes(MEBIBYTES * 2 ** 20);
  for (let at = 0; at < data.length; at += 65_536) data.fill(0, at, at + 32_768);
  return data;
}

const version = (rsync) =>
  /version (\S+)/.exec(spawnSync(rsync, ['--version'], { encoding: 'utf8' }).stdout)?.[1] ?? '?';

/** Hands on what it gets, and remembers when how much of it went to the far side. */
class Relay {
  samples = [];
  total = 0;

  static async to(target) {
    const relay = new Relay();
    relay.server = createServer((near) => {
      const far = connect(target, '127.0.0.1');
      near.on('data', (data) => {
        relay.total += data.length;
        relay.samples.push([performance.now(), relay.total]);
      });
      near.pipe(far).pipe(near);
      for (const socket of [near, far]) socket.on('error', () => [near, far].map((one) => one.destroy()));
    });
    await new Promise((done) => relay.server.listen(0, '127.0.0.1', done));
    relay.port = relay.server.address().port;
    return relay;
  }

  reset() {
    [this.samples, this.total] = [[], 0];
  }

  /** KiB/s between the edges, its part of the limit, and the most in any one second. */
  figures() {
    const inside = this.samples.filter(([, total]) => total > EDGE && total < this.total - EDGE);
    const [[from, first], [to, last]] = [inside[0], inside.at(-1)];
    const rate = (last - first) / 1024 / ((to - from) / 1000);
    let most = 0;
    let behind = 0;
    for (const [time, total] of this.samples) {
      while (time - this.samples[behind][0] > 1000) behind++;
      most = Math.max(most, total - this.samples[behind][1]);
    }
    return [
      `${rate.toFixed(0)} KiB/s`,
      `${((rate / LIMIT_KIB) * 100).toFixed(1)} %`,
      `${(most / 1024).toFixed(0)} KiB`,
    ];
  }

  end() {
    this.server.close();
  }
}
