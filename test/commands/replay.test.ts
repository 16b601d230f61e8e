/** The verb as a child process, as a person runs it. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { MINIMAL_SPEC } from '../support/clusters.js';
import { apr5BurstFrom, asDmesg, KERNEL_LOGS } from '../support/kernel-logs.js';
import { PROGRAM } from '../support/program.js';
import { replayed, replayTable } from '../support/replay.js';

const FIXTURES = 'test/fixtures/kernel-logs';
const OTHERS = `[    0.000000] Linux version 6.17.0
[ 2000.000000] INFO: task dd:123 blocked for more than 120 seconds.
[ 2100.000000] nfs: server 192.0.2.5 not responding, timed out
`;
const DMESG = KERNEL_LOGS.get('apr-5-burst.log') ?? '';

vi.setConfig({ testTimeout: 120_000 });

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'selfheal-replay-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const put = (name: string, content: string | Buffer): string => {
  writeFileSync(join(folder, name), content);
  return join(folder, name);
};

function run(args: readonly string[], { input = '', path = process.env.PATH } = {}) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'replay', ...args], {
    encoding: 'utf8',
    input,
    env: { PATH: path, HOME: folder },
    timeout: 100_000,
  });
  return { status, stdout, stderr };
}

describe('what cannot be a kernel log', () => {
  test('is said of every file at once, prints nothing and ends with 2', () => {
    const files = [
      '/nowhere',
      folder,
      put('empty', ''),
      put('program', Buffer.from([...Array(4_000).keys()].map((index) => index % 32))),
      put('passwd', 'root:x:0:0:root:/root:/bin/bash\ndaemon:x:1:1::/:/bin/false\n'),
      put('broken.gz', gzipSync(DMESG).subarray(0, 300)),
    ];

    const { status, stdout, stderr } = run(files);

    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr.split('\n').filter((line) => line.includes('expected a'))).toEqual([
      'selfheal replay: file: expected a kernel log, got "/nowhere", which is not there',
      expect.stringContaining('which is a folder'),
      expect.stringContaining('it is empty'),
      expect.stringContaining('something that is no text'),
      expect.stringContaining('2 lines in no format that is known'),
      expect.stringContaining('unexpected end of file'),
    ]);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('does not hide what another file tells', () => {
    const { status, stdout } = run(['-o', 'json', '/nowhere', put('good.log', DMESG)]);

    expect(status).toBe(2);
    expect(JSON.parse(stdout)).toMatchObject({ reports: 85 });
  });
});

describe('flags', () => {
  test.each([
    [[], 'files: expected at least one kernel log, got none'],
    [['-', '-'], 'expected "-" at most once'],
    [['-o', 'yaml', 'x'], '--output: expected one of text, json, svg, got "yaml"'],
    [['--burst', '10', 'x'], '--burst: expected up to 2000 stalls in a time, e.g. "10/2min", or "off", got "10"'],
    [
      ['--chronic', '2001/6h', 'x'],
      '--chronic: expected up to 2000 stalls in a time, e.g. "10/2min", or "off", got "2001/6h"',
    ],
    [['--burst', '0/2min', 'x'], 'got "0/2min"'],
    [['--grace', '20', 'x'], '--grace: expected a time, e.g. "20min", got "20"'],
    [['--count', 'all', 'x'], '--count: expected lines or periods, got "all"'],
    [['--every', '0s', 'x'], '--every: expected a time above zero'],
    [['--hz', '0', 'x'], '--hz: expected a whole number above zero'],
  ])('%j are refused', (args, message) => {
    const { status, stdout, stderr } = run(args);

    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain(message);
  });

  test('that are wrong are all said at once', () => {
    const { stderr } = run(['--grace', '20', '--stuck', 'x', 'y']);

    expect(stderr).toContain('--grace: expected');
    expect(stderr).toContain('--stuck: expected');
  });
});

describe('--node', () => {
  const description = (watchdog: string) =>
    `export default ${JSON.stringify(MINIMAL_SPEC).replace(/}$/, `,"hosts":[{"nodes":["lamp"],"rcuWatchdog":${watchdog}}]}`)};`;
  const inFolder = (name: string, watchdog: string): string => {
    mkdirSync(join(folder, name));
    put(`${name}/attic.ts`, description(watchdog));
    return join(folder, name);
  };

  test('of a node without a watchdog is refused with those that have one', () => {
    const clusters = inFolder('one', '{}');

    const { status, stdout, stderr } = run(['--clusters', clusters, '--node', 'lmap', put('x.log', DMESG)]);

    expect(status).toBe(2);
    expect(stdout).toBe('');
    expect(stderr).toContain('(lamp), got "lmap"; did you mean "lamp"?');
  });

  test('adds the policy of the description', () => {
    const clusters = inFolder('two', '{"burst":{"stalls":4,"within":"1min"},"startupGrace":"30min"}');

    const { stdout } = run(['-o', 'json', '--clusters', clusters, '--node', 'lamp', put('x.log', DMESG)]);

    expect(JSON.parse(stdout).policies.lamp.reboots).toMatchObject([{ path: 'burst', count: 4 }]);
  });
});

test('without any awk there is one message, and how to get one', () => {
  const { status, stdout, stderr } = run([put('a.log', DMESG), put('b.log', DMESG)], { path: join(folder, 'nothing') });

  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toBe(
    'selfheal replay: awk: expected mawk, gawk or busybox in PATH, which run the detector; got none of them\n  apt install mawk\n',
  );
});

describe.each(['mawk', 'gawk', 'busybox', 'original-awk'])('with %s alone', (name) => {
  const { status, stdout: path } = spawnSync('sh', ['-c', `command -v ${name}`], { encoding: 'utf8' });

  test.skipIf(status !== 0)('every incident gives the same, also where a comma is the decimal point', () => {
    const bin = mkdtempSync(join(folder, 'bin-'));
    symlinkSync(path.trim(), join(bin, name));
    const files = [...KERNEL_LOGS.keys()].map((file) => join(FIXTURES, file));

    const alone = run(['-o', 'json', ...files], { path: bin });

    expect(alone).toMatchObject({ status: 0, stderr: '' });
    expect(alone.stdout).toBe(run(['-o', 'json', ...files]).stdout);
  });
});

describe('the fixtures', () => {
  test.each([...KERNEL_LOGS])('%s is what its generator gives', async (file, content) => {
    await expect(content).toMatchFileSnapshot(`../fixtures/kernel-logs/${file}`);
  });
});

/** Decisions in short: `reboot 9:50:00 sustained 3`. */
describe('the incidents', () => {
  const verdictsOn = (file: string) => replayed(readFileSync(join(FIXTURES, file))).verdicts;

  test("Nov 30, 13:31 to 16:04: only v1 would have acted; v2, v3 and today's sleep through it", () => {
    expect(verdictsOn('nov-30-black-hole.log')).toEqual({
      v1: ['reboot 9:50:00 sustained 3'],
      v2: [],
      v3: [],
      current: [],
    });
  });

  test('Nov 30, 17:50: v1 acts as it did; seven in ten minutes are too few for all others', () => {
    expect(verdictsOn('nov-30-watchdog.log')).toEqual({
      v1: ['reboot 1:35:00 sustained 7'],
      v2: [],
      v3: [],
      current: [],
    });
  });

  test('Apr 3: by the figures of the seeds nobody reboots, not even v1', () => {
    expect(verdictsOn('apr-3-reboot-loop.log')).toEqual({ v1: [], v2: [], v3: [], current: [] });
  });

  test('Apr 3, with the noise that the seeds report after a hard reboot: v1 loops ten times', () => {
    expect(verdictsOn('apr-3-reboot-loop-with-noise.log')).toEqual({
      v1: Array(10).fill('reboot 0:15:00 sustained 8'),
      v2: [],
      v3: [],
      current: [],
    });
  });

  test("Apr 5, the slow build-up: v2 caught it as it did, later than v3 and today's", () => {
    expect(verdictsOn('apr-5-slow.log')).toEqual({
      v1: ['reboot 7:50:00 sustained 4'],
      v2: ['reboot 8:00:00 sustained 10'],
      v3: ['reboot 7:58:00 sustained 10'],
      current: ['reboot 7:58:00 sustained 10'],
    });
  });

  test("Apr 5, the burst: it freezes the node between two looks of v2, and of v3 too; today's acts at the tenth stall", () => {
    expect(verdictsOn('apr-5-burst.log')).toEqual({
      v1: [],
      v2: [],
      v3: [],
      current: ['reboot 3:10:23 burst 10'],
    });
  });

  test('Apr 5, the burst: v3 catches it where it happens to look within the last 40 of the 60 seconds', () => {
    const caught = [5, 25, 45, 65, 85, 105].filter(
      (after) => replayed(asDmesg(apr5BurstFrom(11_400 + after))).verdicts.v3?.length === 1,
    );

    expect(caught).toEqual([65, 85]);
  });

  test("Apr 6 to 8: v1 would have rebooted at its first look; v2 and v3 never; today's tells after four and a half hours", () => {
    expect(verdictsOn('apr-6-8-leak.log')).toEqual({
      v1: ['reboot 0:15:00 sustained 4'],
      v2: [],
      v3: [],
      current: ['alert 4:30:59 chronic 100'],
    });
  });

  test("one stall of two seconds that prints 30 headers reboots under v1, v2 and v3, and not under today's", () => {
    expect(verdictsOn('one-long-stall.log')).toMatchObject({
      v1: ['reboot 2:15:00 sustained 30'],
      v2: ['reboot 2:15:00 sustained 30'],
      v3: ['reboot 2:12:00 burst 30'],
      current: [],
    });
  });

  test('stand in docs/incidents.md as the command tells them', () => {
    expect(readFileSync('docs/incidents.md', 'utf8')).toContain(replayTable(FIXTURES));
  });
});

describe('-o json', () => {
  test('prints one object a file, with every count', () => {
    const log = `[ 1500.100000] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[ 1500.100020] \t(detected by 1, t=5252 jiffies, g=4141, q=12 ncpus=4)
[ 1563.110000] rcu: INFO: rcu_preempt detected stalls on CPUs/tasks:
[ 1563.110020] \t(detected by 1, t=21007 jiffies, g=4141, q=12 ncpus=4)
[ 1700.000000] rcu: INFO: rcu_sched detected expedited stalls on CPUs/tasks: {
[ 2000.000000] INFO: task runc:123 blocked for more than 120 seconds.
[ 2100.000000] watchdog: BUG: soft lockup - CPU#3 stuck for 22s! [runc:[1:CHILD]:991]
[ 2200.000000] nfs: server 192.0.2.1 not responding, still trying
[ 2300.000000] Out of memory: Killed process 991 (java) total-vm:1kB
[ 2400.000000] rcu: INFO: rcu_preempt detected expedited stal\u001b[31m
`;

    const { status, stdout } = run(['-o', 'json', put('all.log', log), put('burst.log', DMESG)]);

    const [all, burst] = stdout
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(status).toBe(0);
    expect(all).toEqual({
      file: join(folder, 'all.log'),
      lines: 10,
      reports: 3,
      gracePeriods: 2,
      maxStallSeconds: 84.028,
      hungTasks: 1,
      softLockups: 1,
      nfs: 1,
      oomKills: 1,
      policies: Object.fromEntries(['v1', 'v2', 'v3', 'current'].map((name) => [name, { reboots: [], alerts: [] }])),
      hardLockups: 0,
      unparsed: 1,
      unparsedLines: ['rcu: INFO: rcu_preempt detected expedited stal [31m'],
      lostRecords: 0,
      boots: 1,
      time: 'uptime',
      judged: true,
      hz: 250,
    });
    expect(burst.policies.current.reboots).toEqual([{ at: 11_423.621, path: 'burst', count: 10, boot: 1 }]);
  });

  test('judges no policy where there are no time stamps, and counts all the same', () => {
    const log = DMESG.replaceAll(/^\[ *[\d.]+\] /gm, '');

    const found = replayed(log);

    expect(found.report).toMatchObject({ reports: 85, gracePeriods: 85, time: 'none', judged: false });
    expect(Object.values(found.verdicts).flat()).toEqual([]);
    expect(run([put('bare.log', log)]).stdout).toContain('no time stamps: counted, but no policy can be judged');
  });

  test('tells of records that were lost before the log was taken', () => {
    const log = '6,10,1000000,-;a\n6,11,1100000,-;b\n SUBSYSTEM=usb\n6,61,1200000,-;c\n';

    expect(replayed(log).report).toMatchObject({ lostRecords: 49, time: 'uptime' });
  });
});

describe('the budget of the current policy', () => {
  const boot = (start: number) =>
    Array.from({ length: 12 }, (_, index) => {
      const sequence = start + index * 4;
      return `[${(1_300 + index).toFixed(6)}] rcu: INFO: rcu_preempt detected expedited stalls on CPUs/tasks: { P1 } 21 jiffies s: ${sequence} root: 0x0/T\n`;
    }).join('');
  const log = [1, 2, 3, 4, 5].map((number) => `[    0.000000] Linux version 6.17.0\n${boot(number)}`).join('');

  test('carries over the boots of a log: three reboots in a row, then alerts', () => {
    expect(replayed(log).verdicts.current).toEqual([
      'reboot 0:21:49 burst 10',
      'reboot 0:21:49 burst 10',
      'reboot 0:21:49 burst 10',
      'alert 0:21:49 burst 10',
      'alert 0:21:49 burst 10',
    ]);
    expect(run([put('loop.log', log)]).stdout).toContain('reboot 0:21:49 burst 10, 3 of 3');
  });

  test('is another one by flags, and so are thresholds and grace', () => {
    const { stdout } = run(['-o', 'json', '--max-reboots', '1', '--burst', '4/1min', put('loop.log', log)]);

    const { given } = JSON.parse(stdout).policies;
    expect(given.reboots).toMatchObject([{ boot: 1, at: 1_303, count: 4 }]);
    expect(given.alerts).toHaveLength(4);
    expect(JSON.parse(run(['-o', 'json', '--grace', '30min', put('loop.log', log)]).stdout).policies.given).toEqual({
      reboots: [],
      alerts: [],
    });
  });
});

describe('a file', () => {
  test('may be gzipped, whatever its name, and may come from standard input', () => {
    const plain = replayed(DMESG).report;

    const gz = JSON.parse(run(['-o', 'json', put('packed.log', gzipSync(DMESG))]).stdout);
    const piped = JSON.parse(run(['-o', 'json', '-'], { input: DMESG }).stdout);

    expect(gz).toEqual({ ...plain, file: join(folder, 'packed.log') });
    expect(piped).toEqual({ ...plain, file: 'standard input' });
  });

  test('of 100,000 lines takes seconds, less than a minute on a busy machine', () => {
    const line = (index: number): string =>
      `[${(index * 0.5).toFixed(6)}] cni0: port 2(veth) entered forwarding state\n`;
    const log = put('long.log', Array.from({ length: 100_000 }, (_, index) => line(index)).join(''));

    const started = process.hrtime.bigint();
    const { status } = run(['-o', 'json', log]);

    expect(status).toBe(0);
    expect(Number(process.hrtime.bigint() - started) / 1e9).toBeLessThan(60);
  });
});

describe('the text', () => {
  test('is at most 100 columns wide and shows each policy, its thresholds and its moment', async () => {
    const { stdout, status } = run([join(FIXTURES, 'apr-5-slow.log')]);

    expect(status).toBe(0);
    await expect(stdout).toMatchFileSnapshot('../golden/replay/apr-5-slow.txt');
    expect(Math.max(...stdout.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(100);
  });

  test('draws boots that are alike once', () => {
    const { stdout } = run([join(FIXTURES, 'apr-3-reboot-loop-with-noise.log')]);

    expect(stdout).toContain('boots 1 to 10 of 10');
    expect(stdout.match(/^ {2}stalls/gm)).toHaveLength(1);
  });

  test('says the policies and the signs once, however many files there are', () => {
    const { stdout } = run([join(FIXTURES, 'apr-5-slow.log'), join(FIXTURES, 'apr-5-burst.log')]);

    expect(stdout.match(/^boot 1 of 1/gm)).toHaveLength(2);
    expect(stdout.match(/^ +grace +burst/gm)).toHaveLength(1);
    expect(stdout.match(/░ grace {2}─ watched/g)).toHaveLength(1);
  });

  test('says where only a wall clock stood for the uptime', () => {
    expect(run([join(FIXTURES, 'nov-30-watchdog.log')]).stdout).toContain(
      'only wall clock times: the grace is counted from the first line of each boot',
    );
  });
});

describe('the drawing', () => {
  const { stdout, status } = spawnSync(
    process.execPath,
    [PROGRAM, 'replay', '-o', 'svg', ...[...KERNEL_LOGS.keys()].map((file) => join(FIXTURES, file))],
    { encoding: 'utf8' },
  );

  test('is complete in itself: no script, nothing from elsewhere', () => {
    expect(status).toBe(0);
    expect(stdout).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
    expect(stdout).not.toMatch(/<script|href=|url\(|@import/);
  });

  test('says in words what it draws', () => {
    const description = /<desc id="desc">([^<]*)<\/desc>/.exec(stdout)?.[1];

    expect(stdout).toContain('role="img" aria-labelledby="title desc"');
    expect(description).toContain('v3: nothing.');
    expect(description).toContain('current: reboot at 3:10:23 of boot 1 by burst (10).');
  });

  test('has colours for light and dark', () => {
    expect(stdout).toContain('@media (prefers-color-scheme:dark)');
  });

  test('has a mark for each decision', () => {
    const marks = [...stdout.matchAll(/<circle |<path /g)].length;

    // 2 of the legend, 5 of v1's single ones, 1 of its loop, whose boots are alike, 2 of v2, 2 of v3, 2 and an alert of
    // today's.
    expect(marks).toBe(2 + 5 + 1 + 2 + 2 + 3);
  });

  test('says what each sign means and what each policy asks for, and draws alike boots once', () => {
    expect(stdout).toContain('>not known: this log went on without the reboot</text>');
    expect(stdout.match(/>10 in 2min<\/text>/g)).toHaveLength(2);
    expect(stdout.match(/>boots 1 to 10 of 10, [^<]*, all alike<\/text>/g)).toHaveLength(2);
  });

  test('has a row for what else the kernel complained of', () => {
    const { stdout: drawing } = run(['-o', 'svg', put('others.log', OTHERS)]);

    expect(drawing).toContain('>others</text>');
    expect(drawing).toContain('>n NFS h hung</text>');
  });
});
