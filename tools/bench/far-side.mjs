/**
 * A node with volumes and the machine that keeps its backups, for measurements: a real sshd on a loopback port, the
 * pod's scripts under busybox sh with this machine's rsync and ssh through its dynamic linker, and plain rsync beside it.
 *
 * As root the far account is one of its own, in a mount namespace in which only it exists; otherwise it is one's own.
 */
import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

const ROOT = userInfo().uid === 0;
const KEEPER = ROOT ? { name: 'keeper', id: 64_998 } : { name: userInfo().username, id: userInfo().uid };
const ARM = process.arch === 'arm64';
const TRIPLET = ARM ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';
const LINKER = ARM ? '/lib/ld-linux-aarch64.so.1' : '/lib64/ld-linux-x86-64.so.2';

export class FarSide {
  folder = mkdtempSync(join(tmpdir(), 'selfheal-bench-backup-'));
  source = this.at('source');
  memory = 0;

  at(...names) {
    return join(this.folder, ...names);
  }

  async start() {
    chmodSync(this.folder, 0o755);
    for (const name of ['ours', 'plain', 'server'])
      execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', this.at(name)]);
    cpSync('src/layers/backup/scripts/server', this.at('program'), { recursive: true });
    cpSync('src/layers/backup/scripts/pod', this.at('scripts'), { recursive: true });
    for (const name of ['source', 'proc/self', 'textfile', 'bin']) mkdirSync(this.at(name), { recursive: true });
    this.own('far');
    // A node without anything else to do, on a disk of its own: the bench itself must not make the pod wait.
    this.put('proc/loadavg', '0.10 0.10 0.10 1/100 1\n');
    this.put('proc/cpuinfo', 'processor : 0\n');
    this.put('proc/self/mountinfo', '21 1 8:1 / / rw - ext4 /dev/root rw\n');
    execFileSync('busybox', ['--install', '-s', this.at('bin')]);
    this.port = await freePort();
    this.put('known_hosts', `* ${this.text('server.pub')}`);
    this.put(
      'passwd',
      `root:x:0:0::/root:/bin/sh\nsshd:x:65533:65534::/run/sshd:/bin/false\n${KEEPER.name}:x:${KEEPER.id}:${KEEPER.id}::${this.folder}:/bin/sh\n`,
    );
    this.put(
      'config',
      `ListenAddress 127.0.0.1:${this.port}\nHostKey ${this.at('server')}\nAuthorizedKeysFile ${this.at('authorized')}\nPidFile none\n` +
        'UsePAM no\nStrictModes no\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n',
    );
    if (ROOT) mkdirSync('/run/sshd', { recursive: true });
    const sshd = `exec /usr/sbin/sshd -D -e -f ${this.at('config')}`;
    this.sshd = ROOT
      ? spawn('unshare', ['--mount', 'sh', '-c', `mount --bind ${this.at('passwd')} /etc/passwd && ${sshd}`])
      : spawn('sh', ['-c', sshd]);
    let refused = '';
    for (let attempt = 0; attempt < 50; attempt++) {
      const { status, text } = await this.run('ssh', [
        ...this.sshWords(this.at('plain')).slice(1),
        this.account,
        'true',
      ]);
      if (status === 0) return this;
      refused = text;
      this.put('authorized', `restrict ${this.text('plain.pub')}`);
      await sleep(100);
    }
    throw new Error(`sshd on port ${this.port}: expected to let ${KEEPER.name} in within 5 s, got ${refused}`);
  }

  /** A new, empty store for our side; returns its folder. */
  prepare(name) {
    const store = this.own(`far/${name}`);
    const program = `${this.at('program/selfheal-backup-server.sh')} --folder ${store}`;
    execFileSync('sh', [
      '-c',
      ROOT
        ? `setpriv --reuid=${KEEPER.id} --regid=${KEEPER.id} --clear-groups ${program} prepare`
        : `${program} prepare`,
    ]);
    const command = `${program} --snapshots 3 --days 1 --reserve-percent 1`;
    this.put('authorized', `restrict ${this.text('plain.pub')}restrict,command="${command}" ${this.text('ours.pub')}`);
    return store;
  }

  /** One of the pod's scripts; seconds, and what it said. */
  async pod(script, store, { limit = 1_000_000_000, port = this.port } = {}) {
    rmSync(this.at('run'), { recursive: true, force: true });
    mkdirSync(this.at('run'));
    if (script === 'drill.sh') {
      rmSync(this.at('scratch'), { recursive: true, force: true });
      mkdirSync(this.at('scratch'));
    }
    const settings = {
      ...{ NAME: 'bench', SOURCE: this.source, USER: KEEPER.name, HOST: '127.0.0.1', PORT: port, PATH: store },
      ...{ BANDWIDTH_LIMIT_KIB_PER_SECOND: limit, TIMEOUT_SECONDS: 1800, MAX_SHRINK_PERCENT: 50, MAX_BYTES: 1e12 },
      ...{ LINKER, LIBRARIES: `/lib/${TRIPLET}:/usr/lib/${TRIPLET}`, RSYNC: '/usr/bin/rsync', SSH: '/usr/bin/ssh' },
      ...{ KEY: this.at('ours'), KNOWN_HOSTS: this.at('known_hosts'), RUN_FOLDER: this.at('run') },
      ...{
        SCRIPTS: this.at('scripts'),
        PROC: this.at('proc'),
        SCRATCH: this.at('scratch'),
        TEXTFILE_FOLDER: this.at('textfile'),
      },
    };
    const env = Object.fromEntries(
      Object.entries(settings).map(([name, value]) => [`LOCAL_PATH_BACKUP_${name}`, String(value)]),
    );
    const done = await this.run('busybox', ['sh', this.at('scripts', script)], {
      env: { PATH: `${this.at('bin')}:/usr/bin:/bin`, HOME: this.folder, ...env },
    });
    if (done.status !== 0) throw new Error(`${script}: expected exit status 0, got ${done.status}: ${done.text}`);
    return done;
  }

  /** rsync as anybody would run it; `far:` in a word is the account's folder. */
  async plain(words, { port = this.port, rsync = 'rsync' } = {}) {
    const shell = this.sshWords(this.at('plain'), port).join(' ');
    const place = `${this.account}:${this.at('far')}/`;
    const done = await this.run(rsync, ['-e', shell, ...words.map((word) => word.replace(/^far:/, place))]);
    if (done.status !== 0)
      throw new Error(`rsync ${words.join(' ')}: expected exit status 0, got ${done.status}: ${done.text}`);
    return done;
  }

  /** A command of the far account. */
  far = (command) => this.run('ssh', [...this.sshWords(this.at('plain')).slice(1), this.account, command]);

  account = `${KEEPER.name}@127.0.0.1`;

  sshWords = (key, port = this.port) =>
    `ssh -F none -p ${port} -i ${key} -o IdentitiesOnly=yes -o BatchMode=yes -o StrictHostKeyChecking=yes -o UserKnownHostsFile=${this.at('known_hosts')} -o GlobalKnownHostsFile=/dev/null`.split(
      ' ',
    );

  /** Runs a program; meanwhile it looks how much memory all that sshd started takes together. */
  async run(program, words, options = {}) {
    const from = performance.now();
    const child = spawn(program, words, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let text = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (text += data));
    const status = await this.watch(new Promise((done) => child.on('close', done)));
    return { status, text, seconds: (performance.now() - from) / 1000 };
  }

  async watch(ended) {
    this.memory = 0;
    const timer = setInterval(() => {
      this.memory = Math.max(this.memory, memoryBelow(this.sshd.pid));
    }, 100);
    const status = await ended;
    clearInterval(timer);
    return status;
  }

  /** A folder of the far account's own. */
  own(name) {
    mkdirSync(this.at(name));
    chownSync(this.at(name), KEEPER.id, KEEPER.id);
    return this.at(name);
  }

  put = (name, text) => writeFileSync(this.at(name), text);
  text = (name) => readFileSync(this.at(name), 'utf8');

  async remove() {
    const gone = new Promise((done) => this.sshd.on('exit', done));
    this.sshd.kill();
    await gone;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** What the processes below this one take, in bytes; what they share counts once. Itself, the listening sshd, is left out. */
function memoryBelow(pid) {
  try {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
    return children.reduce((sum, child) => {
      const [, kib] = /^Pss:\s+(\d+)/m.exec(readFileSync(`/proc/${child}/smaps_rollup`, 'utf8')) ?? [0, 0];
      return sum + Number(kib) * 1024 + memoryBelow(child);
    }, 0);
  } catch {
    // It has ended since, or belongs to another user.
    return 0;
  }
}

const freePort = () =>
  new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });
