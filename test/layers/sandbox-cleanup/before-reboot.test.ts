import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { expect, onTestFinished, test } from 'vitest';
import { type FakeHost, fakeHost } from '../../support/fake-host.js';
import { describeWith } from '../../support/tools.js';

// The same with a real systemd and containerd: test/host/sandbox-reboot.test.ts.
const SCRIPT = new URL('../../../src/layers/sandbox-cleanup/scripts/before-reboot.sh', import.meta.url).pathname;
const REAL = [
  'timeout',
  'mkdir',
  'mktemp',
  'cat',
  'env',
  'sleep',
  'rm',
  'tail',
  'flock',
  'true',
  'xargs',
  'sort',
  'comm',
  'grep',
];
const SOCKET = '/run/k3s/containerd/containerd.sock';
const STOPPING = `
case $1 in
is-system-running) printf 'stopping\\n'; exit 1 ;;
list-jobs) printf '  12 reboot.target start waiting\\n 123 shutdown.target start waiting\\n' ;;
esac`;

/** A node that goes down: containerd has ended, two sandboxes are in its database. */
function node(systemctl = STOPPING): FakeHost {
  const host = fakeHost(REAL, {
    logger: '',
    systemctl,
    setpriv: 'shift 2; exec "$@"',
    containerd: `
address=$(while read -r key _ value; do [[ $key == address ]] && printf '%s' "\${value//\\"/}"; done <"$2")
exec '${process.execPath}' -e 'require("net").createServer().listen(process.argv[1]); setTimeout(() => {}, 30000)' "$address"`,
    ctr: `shift 4; case "$1 $2" in 'containers list') [[ $4 != *sandbox || -e $HOME/gone ]] || printf 'aaa\\nbbb\\n' ;; 'containers rm') : >"$HOME/gone" ;; esac`,
  });
  host.write('proc/1/comm', 'systemd\n');
  host.write('root/io.containerd.metadata.v1.bolt/meta.db', 'a database');
  return host;
}

const run = (host: FakeHost) => {
  const outcome = host.run(SCRIPT, {
    SANDBOX_CLEANUP_LIBRARY: SCRIPT.replace(/\/[^/]*$/, ''),
    SANDBOX_CLEANUP_CONTAINERD_ROOT: host.path('root'),
    SANDBOX_CLEANUP_CONTAINERD_STATE: host.path('state'),
    SANDBOX_CLEANUP_CONTAINERD_SOCKET: SOCKET,
    SANDBOX_CLEANUP_CONTAINERD_PROGRAM: host.path('bin/containerd'),
    SANDBOX_CLEANUP_CONTAINERD_UNIT: 'k3s.service',
    SANDBOX_CLEANUP_CTR_PROGRAM: host.path('bin/ctr'),
    SANDBOX_CLEANUP_LOCK_SECONDS: '1',
    SANDBOX_CLEANUP_BEFORE_REBOOT_SECONDS: '6',
    SANDBOX_CLEANUP_CNI_FOLDER: host.path('cni'),
    SANDBOX_CLEANUP_RUN_FOLDER: host.path('run'),
    SANDBOX_CLEANUP_PROC_FOLDER: host.path('proc'),
  });
  return { ...outcome, removed: outcome.calls.filter((call) => call.includes('containers rm')) };
};

/** A real process by a shim's name, with a real child that ends, or not, on SIGTERM. */
async function shim(host: FakeHost, words: readonly string[], { deaf = false } = {}): Promise<ChildProcess> {
  const program = host.path('containerd-shim-runc-v2');
  if (!existsSync(program)) copyFileSync('/bin/bash', program);
  const script = deaf ? "(trap '' TERM; exec sleep 60) & wait" : 'sleep 60 & wait';
  const made = spawn(program, ['-c', script, ...words], { stdio: 'ignore', detached: true });
  const children = () =>
    readFileSync(`/proc/${made.pid}/task/${made.pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  await expect.poll(children).toHaveLength(1);
  onTestFinished(() => {
    if (made.exitCode === null && made.signalCode === null && made.pid) process.kill(-made.pid, 'SIGKILL');
  });
  for (const pid of [made.pid, ...children()]) symlinkSync(`/proc/${pid}`, host.path(`proc/${pid}`));
  return made;
}

/** Asks the kernel: Node hears of an end only when the test waits. */
const lives = ({ pid }: ChildProcess) => {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) Z /.test(readFileSync(stat, 'utf8'));
};
const OURS = ['shim', '-namespace', 'k8s.io', '-id', 'aaa', '-address', SOCKET];

describeWith(['bash', 'flock'], 'pods', () => {
  test.each([
    ['systemd runs on', STOPPING.replace('stopping', 'running')],
    ['systemd stops, but no job takes everything down', "[[ $1 != is-system-running ]] || printf 'stopping\\n'"],
    ['a job of another name is there', STOPPING.replace('123 shutdown.target', '123 my-shutdown.target')],
    ['systemd does not say', 'exit 1'],
  ])('live on while %s', async (_, systemctl) => {
    const host = node(systemctl);
    const alive = await shim(host, OURS);

    const { status, removed } = run(host);

    expect({ status, removed }).toEqual({ status: 0, removed: [] });
    expect(lives(alive)).toBe(true);
  });

  test('live on while another process holds the database', async () => {
    const host = node();
    const alive = await shim(host, OURS);
    host.stub('flock', 'exit 75');

    const { status, removed } = run(host);

    expect({ status, removed }).toEqual({ status: 2, removed: [] });
    expect(lives(alive)).toBe(true);
  });

  test('of another containerd live on', async () => {
    const host = node();
    const docker = await shim(host, [
      'shim',
      '-namespace',
      'moby',
      '-id',
      'ddd',
      '-address',
      '/run/containerd/containerd.sock',
    ]);

    expect(run(host).status).toBe(3);
    expect(lives(docker)).toBe(true);
  });

  test('of a shim that does not say whose it is live on, and the database stays as it is', async () => {
    const host = node();
    const unknown = await shim(host, ['shim']);

    const { status, removed } = run(host);

    expect({ status, removed }).toEqual({ status: 2, removed: [] });
    expect(lives(unknown)).toBe(true);
  });

  test.each([false, true])(
    'end before the host goes down, and their sandboxes go; deaf to SIGTERM: %j',
    async (deaf) => {
      const host = node();
      const ended = await shim(host, OURS, { deaf });
      const start = performance.now();

      const { status, removed, calls } = run(host);

      expect(status).toBe(3);
      expect(removed).toEqual([expect.stringMatching(/ containers rm --keep-snapshot aaa bbb$/)]);
      expect(calls.at(-1)).toContain('removed 2 of 2 sandboxes of this boot');
      expect(performance.now() - start).toBeLessThan(7_000);
      expect(readdirSync(host.path('run'))).toEqual([]);
      expect(lives(ended)).toBe(false);
    },
  );
});
