/**
 * The seeds' incidents as kernel logs, with the figures that the seeds give, and nothing random.
 *
 * What the seeds do not say is chosen here and said here: the uptime before the first stall, and where within the given
 * rates each stall falls.
 */

/** A line of the kernel: seconds since boot and text. */
type Entry = readonly [seconds: number, text: string];

interface Boot {
  /** Wall clock at the kernel's start. */
  readonly start: string;
  readonly entries: readonly Entry[];
}

const hms = (hours: number, minutes = 0, seconds = 0): number => hours * 3_600 + minutes * 60 + seconds;
const KERNEL = '6.17.0-1008-raspi';

const opening: readonly Entry[] = [
  [0, 'Booting Linux on physical CPU 0x0000000000 [0x414fd0b1]'],
  [0, `Linux version ${KERNEL} (buildd@bos03-arm64-051) (aarch64-linux-gnu-gcc-15) #8-Ubuntu SMP PREEMPT_DYNAMIC`],
  [0.004_1, 'rcu: Preemptible hierarchical RCU implementation.'],
  [0.012_8, 'clocksource: jiffies: mask: 0xffffffff max_cycles: 0xffffffff, max_idle_ns: 1911260446275000 ns'],
  [3.217_4, 'systemd[1]: Detected architecture arm64.'],
];

/** A brief stall, as each container start may cause one: 21 jiffies, a grace period of its own. */
const stalls = (times: readonly number[], firstSequence = 481): readonly Entry[] =>
  times.map((seconds, index) => [
    seconds,
    `rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P${4_000 + index * 7} } ${21 + (index % 2)} jiffies s: ${firstSequence + index * 4} root: 0x0/T`,
  ]);

const veths = (times: readonly number[]): readonly Entry[] =>
  times.map((seconds, index) => [
    seconds,
    `cni0: port ${2 + (index % 9)}(veth${(0x1a2b3c + index * 4_099).toString(16)}) entered forwarding state`,
  ]);

const evenly = (count: number, from: number, to: number): readonly number[] =>
  Array.from({ length: count }, (_, index) => from + ((to - from) * index) / Math.max(count - 1, 1));

const sorted = (...parts: readonly (readonly Entry[])[]): readonly Entry[] => parts.flat().sort(([a], [b]) => a - b);

/** 55 stalls in the first minute, as after every boot of the homelab. */
const bootBurst = stalls(evenly(55, 8, 60), 5);

/** 13:31 to 16:04: 21 stalls, 1.4 in ten minutes on average and at most 3, mostly two to four minutes apart. */
const BLACK_HOLE_START = '2025-11-30T04:31:00';
const blackHoleMinutes = [
  0, 4, 21, 24, 40, 43.5, 46, 61, 64, 78, 81, 83.5, 99, 102, 103.5, 118, 121, 136, 139, 150, 153,
];
const nov30BlackHole: Boot = {
  start: BLACK_HOLE_START,
  entries: sorted(
    opening,
    bootBurst,
    veths(evenly(40, 30, hms(11, 30))),
    stalls(
      blackHoleMinutes.map((minute) => hms(9, 0) + minute * 60 + 11),
      2_001,
    ),
  ),
};

/** Up since 16:15:44; stalls again from 17:31, seven in the ten minutes before 17:50:44, when it was rebooted. */
const nov30Watchdog: readonly Boot[] = [
  {
    start: '2025-11-30T16:15:44',
    entries: sorted(
      opening,
      bootBurst,
      veths(evenly(20, 70, hms(1, 20))),
      stalls(
        [
          hms(1, 15, 26),
          hms(1, 18, 40),
          hms(1, 27, 50),
          hms(1, 30, 20),
          hms(1, 31, 5),
          hms(1, 32, 10),
          hms(1, 33, 1),
          hms(1, 33, 48),
          hms(1, 34, 40),
        ],
        301,
      ),
      [[hms(1, 35, 2), 'systemd-shutdown[1]: Rebooting.']],
    ),
  },
  { start: '2025-11-30T17:52:10', entries: sorted(opening, bootBurst, veths(evenly(6, 70, hms(0, 24)))) },
];

/** Ten boots in three hours, each with 75 stalls in two and a half minutes in the first seconds; then a reboot. */
const raceBoots = (more: readonly Entry[]): readonly Boot[] =>
  Array.from({ length: 10 }, (_, boot) => ({
    start: new Date(Date.UTC(2026, 3, 3, 9, boot * 18)).toISOString().slice(0, 19),
    entries: sorted(opening, stalls(evenly(75, 6, 156), 9), more, [
      [hms(0, 15, 21), 'systemd-shutdown[1]: Rebooting.'],
    ]),
  }));

/** What the seeds call the noise after a hard reboot: at most 8 in ten minutes. */
const noise = stalls(evenly(8, hms(0, 5, 20), hms(0, 14, 40)), 901);

/** Ten stalls in half an hour, all in twelve minutes of it: evenly spread they would be five in v2's window of 15. */
const apr5Slow: Boot = {
  start: '2026-04-05T02:10:00',
  entries: sorted(
    opening,
    bootBurst,
    veths(evenly(30, 90, hms(7, 58))),
    stalls(evenly(10, hms(7, 46), hms(7, 58)), 1_201),
    veths([hms(8, 16)]),
  ),
};

/** 30 stalls in 60 seconds right after the watchdog looked, and then no line any more. */
export const apr5BurstFrom = (start: number): Boot => ({
  start: '2026-04-05T10:30:00',
  entries: sorted(opening, bootBurst, veths(evenly(20, 90, start - 40)), stalls(evenly(30, start, start + 60), 1_601)),
});

/** 726 stalls in 30.5 hours, one every two and a half minutes. */
const apr6Leak: Boot = {
  start: '2026-04-06T23:05:00',
  entries: sorted(
    opening,
    stalls(
      evenly(726, hms(0, 1), hms(30, 30)).map(
        (seconds, index) => seconds + ((index * 37) % 41) - 20 + (index === 0 ? 20 : 0),
      ),
      5,
    ),
  ),
};

/** Not of the seeds: one stall of two seconds, which a kernel with an expedited time-out of 20 ms prints 30 times. */
const oneLongStall: Boot = {
  start: '2026-04-10T08:00:00',
  entries: sorted(
    opening,
    veths(evenly(10, 90, hms(2))),
    Array.from(
      { length: 30 },
      (_, index): Entry => [
        hms(2, 10) + index * 0.063,
        `rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { 2-.... } ${21 + index * 63} jiffies s: 7041 root: 0x4/.`,
      ],
    ),
    veths([hms(2, 20)]),
  ),
};

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
const at = (boot: Boot, seconds: number): Date => new Date(Date.parse(`${boot.start}Z`) + seconds * 1_000);
const bracket = (seconds: number): string => `[${seconds.toFixed(6).padStart(12)}]`;
const rfc3164 = (date: Date): string =>
  `${MONTHS[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${date.toISOString().slice(11, 19)}`;
const lines = (boots: readonly Boot[], format: (boot: Boot, seconds: number, text: string) => string): string =>
  boots.map((boot) => boot.entries.map(([seconds, text]) => `${format(boot, seconds, text)}\n`).join('')).join('');

export const asDmesg = (...boots: readonly Boot[]): string =>
  lines(boots, (_, seconds, text) => `${bracket(seconds)} ${text}`);
const asSyslog = (...boots: readonly Boot[]): string =>
  lines(boots, (boot, seconds, text) => `${rfc3164(at(boot, seconds))} jarvis kernel: ${bracket(seconds)} ${text}`);
const asJournal = (...boots: readonly Boot[]): string =>
  boots
    .map(
      (boot, index) =>
        `-- Boot ${String(index + 1).padStart(32, 'a')} --\n${lines([boot], (_, seconds, text) => `${rfc3164(at(boot, seconds))} jarvis kernel: ${text}`)}`,
    )
    .join('');
const asDatedDmesg = (boot: Boot): string =>
  lines([boot], (_, seconds, text) => {
    const date = at(boot, seconds);
    const day = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][date.getUTCDay()];
    return `[${day} ${rfc3164(date)} ${date.getUTCFullYear()}] ${text}`;
  });

/** File name in test/fixtures/kernel-logs to content. */
export const KERNEL_LOGS: ReadonlyMap<string, string> = new Map([
  ['nov-30-black-hole.log', asSyslog(nov30BlackHole)],
  ['nov-30-watchdog.log', asJournal(...nov30Watchdog)],
  ['apr-3-reboot-loop.log', asSyslog(...raceBoots([]))],
  ['apr-3-reboot-loop-with-noise.log', asSyslog(...raceBoots(noise))],
  ['apr-5-slow.log', asDatedDmesg(apr5Slow)],
  ['apr-5-burst.log', asDmesg(apr5BurstFrom(hms(3, 10, 5)))],
  ['apr-6-8-leak.log', asDmesg(apr6Leak)],
  ['one-long-stall.log', asDmesg(oneLongStall)],
]);
