/**
 * What the watchdog costs and how fast it is, as the streaming service and in v3's timer form, in one run.
 *
 * A FIFO stands for the kernel log and a stub for systemctl: nothing here can reboot the machine. Linux alone.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { median, percentile, table } from './figures.mjs';

const SCRIPTS = resolve('src/layers/rcu-watchdog/scripts');
const THRESHOLD = 10;
const FLOOD = { linesPerSecond: 10_000, seconds: 5, marked: 20 };
const WINDOW_LINES = 20_000;
const TIMER = { interval: 120, accuracy: 10 };

export async function benchWatchdog({ rounds, idleSeconds }) {
  const streaming = [];
  const looking = [];
  const quiet = [];
  const full = [];
  for (let round = 0; round < rounds; round++) {
    streaming.push(await reactionOfStream());
    looking.push((await lookOfTimer(stalls(THRESHOLD))).untilRequest);
    quiet.push((await lookOfTimer([])).duration);
  }
  for (let round = 0; round < Math.max(3, rounds / 5); round++)
    full.push((await lookOfTimer(noise(WINDOW_LINES))).duration);
  const idle = await idleCost(idleSeconds);
  const flood = await seenInFlood();
  const timerShare = median(quiet) / 1000 / TIMER.interval;

  table([
    ['watchdog', 'service', "v3's timer form"],
    ['crossing line to reboot request, median', ms(median(streaming)), `${ms(median(looking))} + wait`],
    ['  p99', ms(percentile(streaming, 99)), `${ms(percentile(looking, 99))} + wait`],
    ['  the wait, mean and most', '0', `${TIMER.interval / 2} s, ${TIMER.interval + TIMER.accuracy} s`],
    ['idle, share of a core', share(idle.core), share(timerShare)],
    ['idle, memory of all four processes', `${mib(idle.pss)} PSS, ${mib(idle.rss)} RSS`, '0 between looks'],
    [`a look, ${WINDOW_LINES} lines in the ring`, '-', ms(median(full))],
    [
      `${FLOOD.marked} marked among ${FLOOD.linesPerSecond} lines a second`,
      `${flood.seen} seen, ${flood.lost} lines lost`,
      'what the ring still holds',
    ],
  ]);
  console.log(
    `\ngoals: p99 at most 100 ms; idle at most 0.03 % of a core and 10 MB; ${FLOOD.marked} of ${FLOOD.marked} seen`,
  );
}

async function reactionOfStream() {
  const watchdog = await start();
  const from = now();
  watchdog.write(stalls(THRESHOLD));
  const request = await watchdog.request();
  await watchdog.stop();
  return request - from;
}

/** One look. After its request it would wait, and in the end reset the machine by itself: it is ended before. */
async function lookOfTimer(records) {
  const place = new Place({ RCU_WATCHDOG_COUNT: 'lines' });
  writeFileSync(place.log, text(records));
  const from = now();
  const look = spawn('bash', place.words('check'), { env: place.environment, stdio: 'ignore', detached: true });
  const ended = new Promise((done) => look.once('exit', (status) => done(status)));
  let untilRequest;
  if (records.some((line) => line.includes('stalls'))) {
    await until('to ask for a reboot', () => place.requested() !== undefined, 5);
    untilRequest = place.requested() - from;
    process.kill(-look.pid, 'SIGKILL');
  }
  const status = await ended;
  if (status !== 0 && untilRequest === undefined)
    throw new Error(`bench 'check': expected exit status 0, got ${status}`);
  const duration = now() - from;
  place.remove();
  return { duration, untilRequest };
}

async function idleCost(seconds) {
  const watchdog = await start();
  await sleep(2000);
  const before = watchdog.usage();
  await sleep(seconds * 1000);
  const after = watchdog.usage();
  await watchdog.stop();
  return { core: (after.cpuSeconds - before.cpuSeconds) / seconds, pss: after.pss, rss: after.rss };
}

async function seenInFlood() {
  const watchdog = await start({ RCU_WATCHDOG_BURST_STALLS: '1000', RCU_WATCHDOG_SUSTAINED_STALLS: '1000' });
  const each = (FLOOD.linesPerSecond * FLOOD.seconds) / FLOOD.marked;
  for (let part = 0; part < FLOOD.marked; part++) {
    const from = performance.now();
    watchdog.write([...noise(each - 1), ...stalls(1)]);
    await sleep(Math.max(0, (FLOOD.seconds * 1000) / FLOOD.marked - (performance.now() - from)));
  }
  let counts;
  for (let wait = 0; wait < 150 && !(counts?.periods >= FLOOD.marked); wait++) {
    await sleep(100);
    counts = watchdog.counts() ?? counts;
  }
  await watchdog.stop();
  return { seen: counts?.periods ?? 0, lost: counts?.lost ?? 0 };
}

let sequence = 0;

const record = (words) => {
  sequence += 1;
  return `4,${sequence},${Math.round(uptime() * 1e6)},-;${words}`;
};
const stalls = (count) =>
  Array.from({ length: count }, () =>
    record(
      `rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P1 } 21 jiffies s: ${sequence} root: 0x0/.`,
    ),
  );
const noise = (count) =>
  Array.from({ length: count }, () => record('usb 1-1: new high-speed USB device number 7 using xhci_hcd'));
const text = (records) => records.map((line) => `${line}\n`).join('');
const uptime = () => Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]);
const now = () => performance.timeOrigin + performance.now();

/** Everything the program touches, in a folder of its own. */
class Place {
  folder = mkdtempSync(join(tmpdir(), 'selfheal-bench-watchdog-'));
  log = join(this.folder, 'kmsg');

  constructor(settings) {
    cpSync(SCRIPTS, join(this.folder, 'lib'), { recursive: true });
    cpSync(join(SCRIPTS, 'detector'), join(this.folder, 'lib'), { recursive: true });
    mkdirSync(join(this.folder, 'bin'));
    this.stub('systemctl', `printf '%s\\n' "$EPOCHREALTIME" >>"${this.folder}/requests"`);
    this.stub('logger', ':');
    this.environment = {
      PATH: `${join(this.folder, 'bin')}:${process.env.PATH}`,
      RCU_WATCHDOG_LIB_FOLDER: join(this.folder, 'lib'),
      RCU_WATCHDOG_RUN_FOLDER: join(this.folder, 'run'),
      RCU_WATCHDOG_STATE_FOLDER: join(this.folder, 'state'),
      RCU_WATCHDOG_TEXTFILE_FOLDER: join(this.folder, 'textfile'),
      RCU_WATCHDOG_PEERS_FILE: join(this.folder, 'peers'),
      RCU_WATCHDOG_KMSG: this.log,
      RCU_WATCHDOG_GRACE_SECONDS: '1',
      // Nothing here lasts until it would force anything.
      RCU_WATCHDOG_REBOOT_DEADLINE_SECONDS: '99999',
      RCU_WATCHDOG_FORCED_DEADLINE_SECONDS: '99999',
      RCU_WATCHDOG_MAX_REBOOTS: '3',
      ...settings,
    };
  }

  stub(name, body) {
    const path = join(this.folder, 'bin', name);
    writeFileSync(path, `#!/usr/bin/env bash\n${body}\n`);
    chmodSync(path, 0o755);
  }

  words = (verb) => [join(this.folder, 'lib/selfheal-watchdog.sh'), verb];

  /** When a reboot was asked for; undefined as long as it was not. */
  requested() {
    const file = join(this.folder, 'requests');
    return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) * 1000 : undefined;
  }

  remove() {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The service, which has read the log up to here. */
async function start(settings = {}) {
  const place = new Place(settings);
  spawnSync('mkfifo', [place.log]);
  const service = spawn('bash', place.words('run'), { env: place.environment, stdio: 'ignore' });
  const fifo = openSync(place.log, constants.O_RDWR ?? 2);
  // It writes the two in turns; the whole one with the higher numbers is the newer one.
  const read = () =>
    ['state.0', 'state.1']
      .map((name) => join(place.folder, 'run', name))
      .map((path) => (existsSync(path) ? readFileSync(path, 'utf8') : ''))
      .filter((block) => block.includes('state end'))
      .sort((a, b) => sequenceOf(a) - sequenceOf(b))
      .at(-1) ?? '';
  writeSync(fifo, text(noise(1)));
  await until('to read the log', () => read().includes('state end'));
  return {
    write: (records) => writeSync(fifo, text(records)),
    request: async () => {
      await until('to ask for a reboot', () => place.requested() !== undefined, 5);
      return place.requested();
    },
    counts: () => {
      const words = /^state counts (.*)$/m.exec(read())?.[1]?.split(' ').map(Number);
      return words && { periods: words[1], lost: words[8] };
    },
    usage: () => usageOf(service.pid),
    stop: async () => {
      const ended = new Promise((done) => service.once('exit', done));
      service.kill('SIGTERM');
      await ended;
      closeSync(fifo);
      place.remove();
    },
  };
}

const sequenceOf = (block) => Number(/^state seq (\d+)$/m.exec(block)?.[1] ?? 0);

async function until(what, holds, pause = 50) {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error(`bench: expected the watchdog ${what} within 30 s`);
    await sleep(pause);
  }
}

/** CPU time of a process, its living descendants (nanoseconds precise) and its ended ones (ticks), and their memory. */
function usageOf(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  const total = { cpuSeconds: (Number(stat[13]) + Number(stat[14])) / 100, pss: 0, rss: 0 };
  for (const one of family(pid)) {
    const spent = tryRead(`/proc/${one}/schedstat`);
    const memory = tryRead(`/proc/${one}/smaps_rollup`);
    // One that ended just now is in its parent's ticks, at the latest by the next time.
    if (!spent || !memory) continue;
    total.cpuSeconds += Number(spent.split(' ')[0]) / 1e9;
    for (const kind of ['pss', 'rss'])
      total[kind] += 1024 * Number(new RegExp(`^${kind}: +(\\d+)`, 'im').exec(memory)?.[1] ?? 0);
  }
  return total;
}

function tryRead(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ESRCH' || error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function family(pid) {
  const children = (tryRead(`/proc/${pid}/task/${pid}/children`) ?? '').trim().split(' ').filter(Boolean);
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}

const ms = (value) => `${value.toFixed(0)} ms`;
const mib = (bytes) => `${(bytes / 1024 / 1024).toFixed(1)} MiB`;
const share = (value) => `${(value * 100).toFixed(3)} %`;
