import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

const SCRIPTS = new URL('../../../src/layers/rcu-watchdog/scripts/', import.meta.url).pathname;

/** The kernel's list of this node's addresses, as it looks on a node. */
const TRIE = ['127.0.0.1', '10.0.0.2', '10.42.0.1']
  .map((address) => `           |-- ${address}\n              /32 host LOCAL\n`)
  .join('');
const THREE = 'friday 10.0.0.4 agent watched\njarvis 10.0.0.2 server watched\nultron 10.0.0.3 agent watched\n';
const SERVERS = THREE.replaceAll('agent', 'server');

interface Situation {
  readonly peers?: string | null;
  readonly uptime?: number;
  readonly silence?: string;
  readonly hostname?: string;
}

/** The node jarvis (10.0.0.2), up for an hour. What the others answer is given; nothing goes over a network. */
function node({ peers = THREE, uptime = 3600, silence, hostname = 'elsewhere' }: Situation = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'peers-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const write = (name: string, content: string) => writeFileSync(join(folder, name), content);
  for (const name of ['proc', 'proc/net', 'run']) mkdirSync(join(folder, name));
  write('proc/net/fib_trie', `Main:\n${TRIE}Local:\n${TRIE}`);
  if (peers !== null) write('peers', peers);
  if (silence !== undefined) write('run/silence', silence);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');

  /** Runs a program after the parts; each `ask_end` takes the next set of answers. */
  function run(program: string, ...answers: readonly Readonly<Record<string, string>>[]) {
    write('proc/uptime', `${uptime}.00 1.00\n`);
    const rounds = answers.map((round) =>
      Object.entries(round)
        .map(([name, answer]) => `[${name}]='${answer}'`)
        .join(' '),
    );
    const { stdout, stderr, status } = spawnSync(
      'bash',
      [
        '-c',
        [
          'set -Eeuo pipefail; export LC_ALL=C',
          `RUN_FOLDER=${folder}/run PROC=${folder}/proc PEERS_FILE=${folder}/peers SECOND_LOOK_SECONDS=0.05 HOSTNAME=${hostname}`,
          `. ${SCRIPTS}ask.sh; . ${SCRIPTS}peers.sh`,
          // The process itself is real, and so is its start time.
          `mkdir -p $PROC/$$; cp /proc/$$/stat $PROC/$$/stat`,
          'ROUND=0 ASKED=',
          'ask_begin() { ANSWERS=(); }',
          `ask() { ASKED+=" $1@$2:$3"; cp "$RUN_FOLDER/peer" "$RUN_FOLDER/while-asking"; }`,
          `ask_end() { ROUND=$((ROUND + 1)); case $ROUND in ${rounds.map((round, at) => `${at + 1}) declare -gA ANSWERS=(${round}) ;;`).join(' ')} esac; }`,
          program,
        ].join('\n'),
      ],
      { encoding: 'utf8' },
    );
    return { stdout: stdout.trim(), stderr, status };
  }
  return { run, read, write };
}

const GO = 'status=0; may_go burst || status=$?; printf "%s\\n" "$status"';
const says = (state: string, { since = 3000, uptime = 3600 } = {}) =>
  `said selfheal-peer x ${state} ${since}.00 ${uptime}.00`;
const UP = says('watching');

/** What the gate answers, with its status. */
const gate = (situation: Situation, ...answers: readonly Readonly<Record<string, string>>[]) =>
  node(situation)
    .run(GO, ...answers)
    .stdout.split('\n');

test.each([
  ['no role', 'jarvis 10.0.0.2\n', "line 1: expected 'NAME ADDRESS server|agent"],
  ['a role that is none', 'jarvis 10.0.0.2 captain watched\n', "got 'jarvis 10.0.0.2 captain watched"],
  ['a word too many', 'jarvis 10.0.0.2 server watched today\n', 'line 1: expected'],
  ['a name twice', `${THREE}ultron 10.0.0.9 agent watched\n`, 'line 4: expected'],
  ['a shell pattern for a name', '* 10.0.0.2 server watched\n', 'line 1: expected'],
  [
    'everybody but this node',
    'ultron 10.0.0.3 agent watched\n',
    'expected this node (elsewhere) by name or address, found only ultron',
  ],
])('a file of peers with %s holds and says so', (_, peers, why) => {
  const [answer, status] = gate({ peers });

  expect(answer).toContain(why);
  expect(answer).toMatch(/^hold peers '/);
  expect(status).toBe('2');
});

test('a node is found by its own address, by its name, or by its name without the domain', () => {
  const self = 'read_peers || printf "%s" "$PEERS_WRONG"; printf "%s" "$SELF"';

  expect(node().run(self).stdout).toBe('jarvis');
  expect(node({ peers: THREE.replace('10.0.0.2', 'jarvis.lan'), hostname: 'ultron' }).run(self).stdout).toBe('ultron');
  expect(node({ peers: THREE.replace('10.0.0.2', 'x.lan'), hostname: 'friday.lan' }).run(self).stdout).toBe('friday');
});

test('a loopback address is nobody', () => {
  const { stdout } = node({ peers: 'ultron 127.0.0.1 agent\n' }).run('read_peers || printf "%s" "[$SELF]"');

  expect(stdout).toBe('[]');
});

test.each([null, '', '# nobody yet\n', 'jarvis 10.0.0.2 server watched\n'])('a node of its own goes (%j)', (peers) => {
  expect(gate({ peers })).toEqual(['go', '0']);
});

test('all others are asked, not this node, and only after it has said that it wants', () => {
  const jarvis = node();
  const { stdout } = jarvis.run(`${GO}; printf '%s' "$ASKED"`, { friday: UP, ultron: UP });

  expect(stdout).toBe('go\n0\n friday@10.0.0.4:9847 ultron@10.0.0.3:9847');
  expect(jarvis.read('run/while-asking')).toMatch(/^jarvis wants 3600\.00 \d+ \d+ \.\n$/);
  expect(jarvis.read('run/peer')).toMatch(/^jarvis rebooting 3600\.00 /);
});

test('who is held wants no more', () => {
  const jarvis = node();
  jarvis.run(GO, { friday: UP, ultron: 'timeout' });

  expect(jarvis.read('run/peer')).toMatch(/^jarvis watching /);
});

test.each([
  ['reboots', says('rebooting', { since: 3500 }), 'ultron (10.0.0.3) is rebooting'],
  ['has just booted', says('watching', { uptime: 179 }), 'has been up for only 179 s, expected 180 s'],
  ['has just booted and has no watchdog yet', says('stopped', { uptime: 20 }), 'has been up for only 20 s'],
  ['is silent', 'timeout', 'does not answer on port 9847: timeout (for 0 s'],
  ['cannot be reached', 'unreachable', 'does not answer on port 9847: unreachable'],
  ['has a name that nobody knows', 'unknown Name or service not known', 'Name or service not known'],
  ['connects and says nothing', 'open', 'gives no sensible answer'],
  ['says something else', 'said SSH-2.0-OpenSSH', "gives no sensible answer: 'SSH-2.0-OpenSSH'"],
  ['says a state that makes no sense', says('unknown'), 'gives no sensible answer'],
  ['refuses although it has a watchdog', 'refused', 'refuses on port 9847'],
])('a peer that %s holds', (_, answer, why) => {
  const [said, status] = gate({}, { friday: UP, ultron: answer });

  expect(said).toMatch(/^hold ultron/);
  expect(said).toContain(why);
  expect(status).toBe('2');
});

test.each([
  ['has a watchdog that died', says('stopped')],
  ['has been up for three minutes', says('watching', { uptime: 180 })],
  ['said more than ten minutes ago that it would reboot', says('rebooting', { since: 2999, uptime: 3600 })],
])('a peer that %s does not hold', (_, answer) => {
  expect(gate({}, { friday: UP, ultron: answer })).toEqual(['go', '0']);
});

test('a peer that refuses and should have no watchdog does not hold', () => {
  const peers = THREE.replace('10.0.0.3 agent watched', '10.0.0.3 agent unwatched');

  expect(gate({ peers }, { friday: UP, ultron: 'refused' })).toEqual(['go', '0']);
});

test.each([
  ['three minutes', 'ultron refused 342000 359000\n', ['go', '0']],
  ['less', 'ultron refused 342100 359000\n', [expect.stringContaining('(for 179 s, holds for 180 s)'), '2']],
  [
    'three minutes, with a gap that nobody saw',
    'ultron refused 100 341000\n',
    [expect.stringContaining('(for 0 s'), '2'],
  ],
])('a peer that should have a watchdog and has refused for %s', (_, silence, expected) => {
  expect(gate({ silence }, { friday: UP, ultron: 'refused' })).toEqual(expected);
});

test('a peer that was silent for more than ten minutes holds no longer, one second earlier it does', () => {
  expect(gate({ silence: 'ultron silent 299900 359000\n' }, { friday: UP, ultron: 'timeout' })).toEqual(['go', '0']);
  expect(gate({ silence: 'ultron silent 300000 359000\n' }, { friday: UP, ultron: 'timeout' })[1]).toBe('2');
});

test('a peer that answered has not been silent', () => {
  const jarvis = node({ silence: 'ultron silent 100 359000\n' });
  jarvis.run(GO, { friday: UP, ultron: UP });

  expect(jarvis.read('run/silence')).toBe('');
});

test('a peer that the looks see is not silent, but goes on refusing', () => {
  const seen = 'read_silence; note_silence ultron seen; write_silence';
  const silent = node({ silence: 'ultron silent 100 359000\n' });
  silent.run(seen);
  const refused = node({ silence: 'ultron refused 100 359000\n' });
  refused.run(seen);

  expect(silent.read('run/silence')).toBe('');
  expect(refused.read('run/silence')).toBe('ultron refused 100 359000\n');
});

test('the smaller name goes when the other has given way, and has asked twice', () => {
  const jarvis = node({ peers: THREE.replace('friday', 'zoe') });
  const { stdout } = jarvis.run(
    `${GO}; printf '%s' "$ROUND"`,
    { zoe: UP, ultron: says('wants') },
    { zoe: UP, ultron: UP },
  );

  expect(stdout).toBe('go\n0\n2');
});

test.each([
  ['still wants', says('wants'), 'ultron still wants'],
  ['reboots by then', says('rebooting', { since: 3599 }), 'is rebooting'],
  ['is gone by then', 'timeout', 'does not answer'],
])('the smaller name holds when the other %s', (_, second, why) => {
  const [answer, status] = gate({}, { friday: UP, ultron: says('wants') }, { friday: UP, ultron: second });

  expect(answer).toContain(why);
  expect(status).toBe('2');
});

test('the larger name gives way at once', () => {
  const { stdout } = node().run(`${GO}; printf '%s' "$ROUND"`, { friday: says('wants'), ultron: UP });

  expect(stdout).toBe('hold friday wants to reboot too and goes first\n2\n1');
});

test('a server goes while the others keep the quorum, and not for any silence without it', () => {
  const long = 'friday silent 100 359000\nultron silent 100 359000\n';

  expect(gate({ peers: SERVERS }, { friday: UP, ultron: UP })).toEqual(['go', '0']);
  expect(gate({ peers: SERVERS, silence: long }, { friday: UP, ultron: 'timeout' })).toEqual([
    'hold without this node 1 of 3 servers would be up, the quorum is 2',
    '2',
  ]);
});

test('an agent has no quorum to lose', () => {
  const peers = SERVERS.replace('10.0.0.2 server', '10.0.0.2 agent');

  expect(gate({ peers, silence: 'ultron silent 100 359000\n' }, { friday: UP, ultron: 'timeout' })).toEqual([
    'go',
    '0',
  ]);
});

test('where its intent cannot be written, nobody is asked and it holds', () => {
  const jarvis = node();
  const { stdout } = jarvis.run(`rm -rf "$RUN_FOLDER"; ${GO}; printf '%s' "$ASKED"`, { friday: UP, ultron: UP });

  expect(stdout).toMatch(/^hold cannot publish: expected to write '.*\/run\/peer'\n2$/);
});

test('in a black-hole nobody can be asked', () => {
  const { stdout } = node().run(`${GO.replace('burst', 'black-hole')}; printf '%s' "$ASKED"`);

  expect(stdout).toBe('go\n0');
});

test('the position of a node is that of its name, wherever its line stands', () => {
  expect(node().run('read_peers; peers_position').stdout).toBe('1');
  expect(node({ peers: THREE.replace('friday', 'zoe') }).run('read_peers; peers_position').stdout).toBe('0');
});
