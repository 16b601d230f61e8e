import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const SCRIPTS = new URL('../../../src/layers/rcu-watchdog/scripts/', import.meta.url).pathname;
const GATEWAY = '10.0.0.1';
const PEERS = 'jarvis 10.0.0.2 server\nultron 10.0.0.3 server\nfriday 10.0.0.4 agent\n';

const ROUTES_HEAD = 'Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n';
const route = (interface_: string, gateway: string, metric: number) =>
  `${interface_}\t00000000\t${gateway}\t0003\t0\t0\t${metric}\t00000000\t0\t0\t0\n`;
const ROUTES = `${ROUTES_HEAD}eth0\t0000000A\t00000000\t0001\t0\t0\t0\t00FFFFFF\t0\t0\t0\n${route('eth0', '0100000A', 100)}`;
const frames = (packets: number, dropped = 0, fifo = 0, broken = 0) =>
  `Inter-|   Receive |  Transmit\n face |bytes packets errs drop fifo frame\n    lo: 9 99999 0 0 0 0 0 0\n  eth0: 123456 ${packets} ${broken} ${dropped} ${fifo} 0 0 0 1 1\n`;
const arp = (entries: Readonly<Record<string, string>>) =>
  `IP address       HW type     Flags       HW address            Mask     Device\n${Object.entries(entries)
    .map(([address, flags]) => `${address}         0x1         ${flags}         02:00:00:00:00:01     *        eth0\n`)
    .join('')}`;

interface Situation {
  readonly uptime?: number;
  readonly routes?: string;
  readonly dev?: string;
  readonly arp?: string;
  readonly carrier?: string | null;
  readonly peers?: string | null;
  readonly answers?: Readonly<Record<string, string>>;
  /** Whether `ping` gets an answer; null where there is no ping. */
  readonly ping?: boolean | null;
}

/** The node jarvis. Each look is given what the kernel and the network say; nothing goes over a network. */
function node() {
  const folder = mkdtempSync(join(tmpdir(), 'reach-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, content: string, mode = 0o644) => {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content, { mode });
  };
  write('run/empty', '');
  write('proc/net/fib_trie', '  |-- 10.0.0.2\n    /32 host LOCAL\n');

  function look(situation: Situation = {}) {
    const { uptime = 1000, routes = ROUTES, dev = frames(100), carrier = '1\n', peers = PEERS } = situation;
    const { answers = {}, ping = null } = situation;
    write('proc/uptime', `${uptime}.00 1.00\n`);
    write('proc/net/route', routes);
    write('proc/net/dev', dev);
    write('proc/net/arp', situation.arp ?? arp({}));
    rmSync(join(folder, 'sys'), { recursive: true, force: true });
    mkdirSync(join(folder, 'sys/class/net'), { recursive: true });
    if (carrier !== null) write('sys/class/net/eth0/carrier', carrier);
    rmSync(join(folder, 'peers'), { force: true });
    if (peers !== null) write('peers', peers);
    rmSync(join(folder, 'bin'), { recursive: true, force: true });
    mkdirSync(join(folder, 'bin'));
    if (ping !== null) write('bin/ping', `#!/bin/sh\nexit ${ping ? 0 : 1}\n`, 0o755);
    const given = Object.entries(answers).map(([key, answer]) => `[${key}]='${answer}'`);
    const program = [
      'set -Eeuo pipefail; export LC_ALL=C',
      `RUN_FOLDER=${folder}/run PROC=${folder}/proc SYS=${folder}/sys PEERS_FILE=${folder}/peers PATH=${folder}/bin HOSTNAME=x`,
      `. ${SCRIPTS}ask.sh; . ${SCRIPTS}peers.sh; . ${SCRIPTS}reach.sh`,
      'timeout() { shift 3; "$@"; }',
      `declare -A GIVEN=(${given.join(' ')})`,
      'ask_begin() { ANSWERS=(); }',
      'ask() { ANSWERS[$1]=${GIVEN[$1]:-timeout}; printf "%s@%s:%s " "$1" "$2" "$3" >>"$RUN_FOLDER/asked"; }',
      'ask_row() { while (($#)); do ask "$1" "$2" "$3"; shift 3; done; }',
      'ask_end() { :; }',
      `look ${uptime}.00`,
    ].join('\n');
    rmSync(join(folder, 'run/asked'), { force: true });
    const { stdout, stderr } = spawnSync('bash', ['-c', program], { encoding: 'utf8' });
    expect(stderr).toBe('');
    const words = stdout.trim().split(' ');
    expect(words.slice(0, 2)).toEqual(['!net', `${uptime}.00`]);
    return Object.fromEntries(words.slice(2).map((word) => word.split('=') as [string, string]));
  }
  return { look, asked: () => readFileSync(join(folder, 'run/asked'), 'utf8').trim() };
}

const ALIVE = { gateway: 'refused', 'peer-ultron': 'refused', 'peer-friday': 'open' };

test('nothing is known at the first look but what answers', () => {
  const jarvis = node();

  expect(jarvis.look({ answers: ALIVE })).toEqual({
    gateway: 'yes',
    peers: '2/2',
    api: '?',
    link: 'up',
    local: '?',
    frames: '?',
  });
  expect(jarvis.asked()).toBe('gateway@10.0.0.1:53 peer-ultron@10.0.0.3:9 peer-friday@10.0.0.4:9');
});

test('the API of other servers and the life here are asked for only when nobody near answers', () => {
  const jarvis = node();
  const seen = jarvis.look({ answers: { local: 'said HTTP/1.0 200 OK', 'api-ultron': 'timeout' } });

  expect(seen).toMatchObject({ gateway: 'no', peers: '0/2', api: 'no', local: 'yes' });
  expect(jarvis.asked()).toMatch(/local@127\.0\.0\.1:10248 api-ultron@10\.0\.0\.3:6443$/);
});

test.each([
  ['said HTTP/1.1 400 Bad Request', 'yes'],
  ['said nonsense', 'no'],
  ['open', 'no'],
  ['refused', 'no'],
  ['timeout', 'no'],
  ['unknown Too many open files', '?'],
])('what lives here: %s is %s', (answer, local) => {
  expect(node().look({ answers: { local: answer } })).toMatchObject({ local });
});

test.each([
  ['open', 'yes'],
  ['refused', 'yes'],
  ['unreachable', 'no'],
  ['unknown Permission denied', '?'],
])("another server's API: %s is %s", (answer, api) => {
  expect(node().look({ answers: { 'api-ultron': answer } })).toMatchObject({ api });
});

test('without another server there is no API to ask', () => {
  const peers = 'jarvis 10.0.0.2 server\nfriday 10.0.0.4 agent\n';

  expect(node().look({ peers })).toMatchObject({ peers: '0/1', api: '-' });
  expect(node().look({ peers: null })).toMatchObject({ peers: '0/0', api: '-' });
});

test('a file of peers that makes no sense makes peers and API unknown', () => {
  expect(node().look({ peers: 'jarvis\n' })).toMatchObject({ gateway: 'no', peers: '?', api: '?' });
});

test.each([
  ['unreachable', '0x0', 'no'],
  ['unreachable', '0x2', 'yes'],
  ['timeout', '0x0', 'no'],
  ['timeout', '0x2', 'yes'],
  ['unknown Operation not permitted', '0x2', '?'],
])('a gateway that never answered by TCP: %s with ARP %s is %s', (answer, flags, gateway) => {
  expect(node().look({ arp: arp({ [GATEWAY]: flags }), answers: { gateway: answer } })).toMatchObject({ gateway });
});

test('what has answered by TCP once is dead when it does not, whatever ARP remembers', () => {
  const jarvis = node();
  jarvis.look({ answers: ALIVE });
  const seen = jarvis.look({ arp: arp({ [GATEWAY]: '0x2', '10.0.0.3': '0x2', '10.0.0.4': '0x2' }) });

  expect(seen).toMatchObject({ gateway: 'no', peers: '0/2' });
});

test('ping, where there is one, can say that the gateway lives, never that it is dead', () => {
  const jarvis = node();
  jarvis.look({ answers: ALIVE });

  expect(jarvis.look({ ping: true })).toMatchObject({ gateway: 'yes' });
  expect(jarvis.look({ ping: false })).toMatchObject({ gateway: 'no' });
  expect(jarvis.look({ ping: false, answers: { gateway: 'refused' } })).toMatchObject({ gateway: 'yes' });
});

test('a peer of which nothing is known makes the count unknown only if nobody else is seen', () => {
  const unknown = 'unknown Name or service not known';

  expect(node().look({ answers: { 'peer-ultron': unknown } })).toMatchObject({ peers: '?' });
  expect(node().look({ answers: { 'peer-ultron': unknown, 'peer-friday': 'open' } })).toMatchObject({ peers: '1/2' });
});

test('the default route with the lowest metric leads to the gateway', () => {
  const jarvis = node();
  jarvis.look({ routes: `${ROUTES}${route('wlan0', '0201A8C0', 50)}${route('usb0', '0301A8C0', 600)}` });

  expect(jarvis.asked()).toContain('gateway@192.168.1.2:53');
});

test('a node that never had a gateway does not know whether it lives', () => {
  expect(node().look({ routes: ROUTES_HEAD })).toMatchObject({ gateway: '?', link: '?', frames: '?' });
});

test('a gateway whose route is gone is still asked, and the interface still looked at', () => {
  const jarvis = node();
  jarvis.look({ dev: frames(100), answers: ALIVE });
  const seen = jarvis.look({ uptime: 1060, routes: ROUTES_HEAD, dev: frames(130) });

  expect(seen).toMatchObject({ gateway: 'no', link: 'up', frames: '30' });
});

test.each([
  ['received', frames(107), '7'],
  ['dropped by the interface', frames(100, 3), '3'],
  ['lost because nobody took them', frames(100, 0, 2), '2'],
  ['broken', frames(100, 0, 0, 5), '0'],
])('frames that were %s since the look before', (_, dev, count) => {
  const jarvis = node();
  jarvis.look({ dev: frames(100) });

  expect(jarvis.look({ uptime: 1060, dev })).toMatchObject({ frames: count });
});

test.each([
  ['the look before is more than five minutes old', { uptime: 1301, dev: frames(200) }],
  ['the counter went back', { uptime: 1060, dev: frames(99) }],
  ['the look before was of another interface', { uptime: 1060, routes: ROUTES.replaceAll('eth0', 'lo') }],
  ['the interface is not there', { uptime: 1060, dev: 'Inter-|\n face |\n' }],
])('the frames are unknown when %s', (_, situation) => {
  const jarvis = node();
  jarvis.look({ dev: frames(100) });

  expect(jarvis.look(situation)).toMatchObject({ frames: '?' });
});

test.each([
  ['1\n', 'up'],
  ['0\n', 'down'],
  [null, 'down'],
  ['', '?'],
])('a carrier of %j means the link is %s', (carrier, link) => {
  expect(node().look({ carrier })).toMatchObject({ link });
});
