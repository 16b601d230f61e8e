import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { expect, test } from 'vitest';
import { type FakeHost, fakeHost } from '../../support/fake-host.js';
import { describeWith } from '../../support/tools.js';

// The same script with a real containerd: test/host/sandbox-cleanup.test.ts.
const SCRIPT = new URL('../../../src/layers/sandbox-cleanup/scripts/pre-start-cleanup.sh', import.meta.url).pathname;
const REAL = [
  ...['timeout', 'mkdir', 'mktemp', 'cat', 'env', 'sleep', 'rm', 'tail', 'flock', 'true'],
  ...['xargs', 'sort', 'comm', 'grep', 'base64', 'tr', 'awk'],
];
const BOOT = '11111111-2222-3333-4444-555555555555';
const SOCKET = '/run/k3s/containerd/containerd.sock';

/** Listens on the socket that its configuration names, as containerd does, until it is told to end. */
const CONTAINERD = `
config=$2; address=$(while read -r key _ value; do [[ $key == address ]] && printf '%s' "\${value//\\"/}"; done <"$config")
cp_config=$(<"$config"); printf '%s\\n' "$cp_config" >"$HOME/config.toml"
printf '%s' "\${NOTIFY_SOCKET-none}" >"$HOME/notify-socket"
exec '${process.execPath}' -e 'require("net").createServer().listen(process.argv[1]); setTimeout(() => {}, 30000)' "$address"`;

/** Keeps its records in files below $HOME/records, one for each kind. */
const CTR = `
shift 4
case "$1 $2" in
'containers list') [[ $4 =~ ==(.*)$ ]]; cat "$HOME/records/\${BASH_REMATCH[1]}" ;;
'containers info') cat "$HOME/info/$3" ;;
'containers rm') shift 3; for id; do for kind in sandbox container; do
  kept=$(grep -vx -- "$id" "$HOME/records/$kind"); printf '%s' "\${kept:+$kept
}" >"$HOME/records/$kind"; done; done ;;
esac`;

/** A node that has just booted, with two sandboxes and a container of the boot before. */
function node(stubs: Readonly<Record<string, string>> = {}): FakeHost {
  const host = fakeHost(REAL, {
    logger: '',
    setpriv: 'shift 2; exec "$@"',
    systemctl: 'echo 0',
    containerd: CONTAINERD,
    ctr: CTR,
    ...stubs,
  });
  host.write('proc/sys/kernel/random/boot_id', `${BOOT}\n`);
  host.write('proc/1/comm', 'systemd\n');
  host.write('root/io.containerd.metadata.v1.bolt/meta.db', 'a database');
  host.write('records/sandbox', 'aaa\nbbb\n');
  host.write('records/container', 'ccc\n');
  return host;
}

const run = (host: FakeHost, env: Readonly<Record<string, string>> = {}) => {
  const outcome = host.run(SCRIPT, {
    NOTIFY_SOCKET: '/run/systemd/notify',
    SANDBOX_CLEANUP_CONTAINERD_ROOT: host.path('root'),
    SANDBOX_CLEANUP_LIBRARY: SCRIPT.replace(/\/[^/]*$/, ''),
    SANDBOX_CLEANUP_CONTAINERD_STATE: host.path('containerd-state'),
    SANDBOX_CLEANUP_CONTAINERD_UNIT: 'k3s.service',
    SANDBOX_CLEANUP_CONTAINERD_SOCKET: SOCKET,
    SANDBOX_CLEANUP_CONTAINERD_PROGRAM: host.path('bin/containerd'),
    SANDBOX_CLEANUP_CTR_PROGRAM: host.path('bin/ctr'),
    SANDBOX_CLEANUP_LOCK_SECONDS: '1',
    SANDBOX_CLEANUP_TIMEOUT_SECONDS: '8',
    SANDBOX_CLEANUP_CNI_FOLDER: host.path('cni'),
    SANDBOX_CLEANUP_STATE_FOLDER: host.path('state'),
    SANDBOX_CLEANUP_RUN_FOLDER: host.path('run'),
    SANDBOX_CLEANUP_PROC_FOLDER: host.path('proc'),
    ...env,
  });
  return { ...outcome, removed: outcome.calls.filter((call) => call.includes('containers rm')) };
};

const shim = (host: FakeHost, pid: number, ...args: readonly string[]) => {
  host.write(`proc/${pid}/comm`, 'containerd-shim\n');
  host.write(`proc/${pid}/cmdline`, ['/usr/bin/containerd-shim-runc-v2', ...args, ''].join('\0'));
};

describeWith(['bash', 'flock'], 'a node that has just booted', () => {
  test('loses the records of the boot before, containers before sandboxes', () => {
    const host = node();

    const { status, removed, calls } = run(host);

    expect(status).toBe(3);
    expect(removed.map((call) => call.replace(/^.*containers rm /, ''))).toEqual([
      '--keep-snapshot ccc',
      '--keep-snapshot aaa bbb',
    ]);
    expect(calls.at(-1)).toContain('removed 2 of 2 sandboxes of an earlier boot');
  });

  test('is never worked on through the socket of its own containerd, nor in another namespace', () => {
    const host = node();

    const { calls } = run(host);

    const asked = calls.filter((call) => call.startsWith('ctr '));
    expect(asked.length).toBeGreaterThan(3);
    for (const call of asked) {
      expect(call).toMatch(
        new RegExp(
          `^ctr --address ${host.path('run')}/sandbox-cleanup\\.\\w{6}/containerd\\.sock --namespace k8s\\.io `,
        ),
      );
    }
  });

  test('gets a containerd with its root, a state of its own, and nothing that could touch tasks', () => {
    const host = node();

    run(host);

    const config = host.read('config.toml');
    expect(config).toContain(`root = "${host.path('root')}"`);
    expect(config).toContain(`state = "${host.path('run')}/sandbox-cleanup.`);
    for (const plugin of ['grpc.v1.cri', 'runtime.v2.task', 'shim.v1.manager', 'internal.v1.restart', 'nri.v1.nri']) {
      expect(config).toContain(`"io.containerd.${plugin}"`);
    }
  });

  test('is not declared ready to systemd by the containerd of the clean-up', () => {
    const host = node();

    run(host);

    expect(host.read('notify-socket')).toBe('none');
  });

  test('has that containerd die with the script, because it holds the database', () => {
    const { calls } = run(node());

    expect(calls.filter((call) => call.startsWith('setpriv'))).toEqual([expect.stringContaining('--pdeathsig KILL /')]);
  });

  test('keeps nothing of the clean-up but the boot id', () => {
    const host = node();

    run(host);

    expect(readdirSync(host.path('run'))).toEqual([]);
    expect(host.read('state/boot-id')).toBe(`${BOOT}\n`);
  });

  test('without stale sandboxes loses nothing', () => {
    const host = node();
    host.write('records/sandbox', '');

    const { status, removed } = run(host);

    expect({ status, removed }).toEqual({ status: 0, removed: [] });
  });

  test('without a database has nothing to do, and gets none', () => {
    const host = node();
    rmSync(host.path('root'), { recursive: true });

    const { status, calls } = run(host);

    expect({ status, calls }).toEqual({ status: 0, calls: [] });
    expect(host.has('root')).toBe(false);
  });
});

describeWith(['bash', 'flock'], 'what is left alone', () => {
  const untouched = { removed: [], started: [] };
  const left = ({ removed, calls }: ReturnType<typeof run>) => ({
    removed,
    started: calls.filter((call) => call.startsWith('containerd')),
  });

  test('a boot in which the clean-up already ran', () => {
    const host = node();
    host.write('state/boot-id', `${BOOT}\n`);

    const outcome = run(host);

    expect(outcome.status).toBe(0);
    expect(left(outcome)).toEqual(untouched);
  });

  test('a boot in which the clean-up failed: a unit that starts over and over must not pay for it each time', () => {
    const host = node({ containerd: 'exit 1' });

    expect(run(host).status).toBe(2);
    expect(left(run(host))).toEqual(untouched);
  });

  test.each([
    ['a shim of the node', ['-namespace', 'k8s.io', '-id', 'aaa', '-address', SOCKET]],
    ['a shim in another namespace of the same containerd', ['-namespace', 'default', '-address', SOCKET]],
    ['a shim that does not say whose it is', []],
    ['a shim with an address that is cut off', ['-address']],
  ])('everything while there is %s', (_, args) => {
    const host = node();
    shim(host, 4711, ...args);

    const outcome = run(host);

    expect(outcome.status).toBe(0);
    expect(left(outcome)).toEqual(untouched);
    expect(host.has('state/boot-id')).toBe(false);
  });

  test('everything while a shim cannot be looked into', () => {
    const host = node();
    host.write('proc/4711/comm', 'containerd-shim\n');

    const outcome = run(host);

    expect(outcome.status).toBe(0);
    expect(left(outcome)).toEqual(untouched);
  });

  test('but not for the shim of a Docker on the same host', () => {
    const host = node();
    shim(host, 4711, '-namespace', 'moby', '-id', 'ddd', '-address', '/run/containerd/containerd.sock');

    expect(run(host).status).toBe(3);
  });

  test('but not for a shim that has ended', () => {
    const host = node();
    host.write('proc/4711/comm', 'containerd-shim\n');
    host.write('proc/4711/cmdline', '');
    host.write('proc/4711/stat', '4711 (containerd-shim) Z 1 4711 0 0\n');

    expect(run(host).status).toBe(3);
  });

  test('everything where processes cannot be seen', () => {
    const host = node();
    rmSync(host.path('proc/1'), { recursive: true });

    const outcome = run(host);

    expect(outcome.status).toBe(2);
    expect(left(outcome)).toEqual(untouched);
  });

  test('a database that somebody else holds', () => {
    const held = node({ flock: 'exit 75' });

    const outcome = run(held);

    expect(outcome.status).toBe(2);
    expect(left(outcome)).toEqual(untouched);
    expect(outcome.calls.join('\n')).toContain('another process has it open after 1s');
    expect(outcome.calls).toContain(
      `flock -w 1 -E 75 ${held.path('root/io.containerd.metadata.v1.bolt/meta.db')} true`,
    );
  });

  test('a database that is a link to another place', () => {
    const host = node();
    const database = host.path('root/io.containerd.metadata.v1.bolt/meta.db');
    rmSync(database);
    host.write('elsewhere.db', 'another database');
    symlinkSync(host.path('elsewhere.db'), database);

    const outcome = run(host);

    expect(outcome.status).toBe(2);
    expect(left(outcome)).toEqual(untouched);
  });

  test.each(['', 'unknown'])('everything when the boot id reads %j', (bootId) => {
    const host = node();
    host.write('proc/sys/kernel/random/boot_id', bootId);

    const outcome = run(host);

    expect(outcome.status).toBe(2);
    expect(left(outcome)).toEqual(untouched);
  });

  test('everything when the boot cannot be remembered', () => {
    const host = node();
    host.write('state', 'a file');

    const outcome = run(host);

    expect(outcome.status).toBe(2);
    expect(left(outcome)).toEqual(untouched);
  });

  test('everything when the sandboxes cannot be listed', () => {
    const { status, removed } = run(node({ ctr: '[[ $* == *version* ]]' }));

    expect({ status, removed }).toEqual({ status: 2, removed: [] });
  });

  test('everything when containerd does not come up in time', () => {
    const started = Date.now();
    const { status, removed } = run(node({ containerd: 'exec sleep 30' }), { SANDBOX_CLEANUP_TIMEOUT_SECONDS: '1' });

    expect({ status, removed }).toEqual({ status: 2, removed: [] });
    expect(Date.now() - started).toBeLessThan(6_000);
  });

  test.each([
    ['SANDBOX_CLEANUP_CONTAINERD_ROOT', ''],
    ['SANDBOX_CLEANUP_CONTAINERD_ROOT', '/'],
    ['SANDBOX_CLEANUP_CONTAINERD_ROOT', 'var/lib/containerd'],
    ['SANDBOX_CLEANUP_CONTAINERD_ROOT', '/var/lib/../etc'],
    ['SANDBOX_CLEANUP_CONTAINERD_ROOT', '/var/lib/x"\nroot = "/etc'],
    ['SANDBOX_CLEANUP_CONTAINERD_SOCKET', ''],
    ['SANDBOX_CLEANUP_CONTAINERD_PROGRAM', ''],
    ['SANDBOX_CLEANUP_CTR_PROGRAM', 'k3s ctr'],
    ['SANDBOX_CLEANUP_CNI_FOLDER', '/var/lib/*'],
    ['SANDBOX_CLEANUP_RUN_FOLDER', '/'],
    ['SANDBOX_CLEANUP_LOCK_SECONDS', '0'],
    ['SANDBOX_CLEANUP_TIMEOUT_SECONDS', '2min'],
  ])('everything with %s=%j', (name, value) => {
    const outcome = run(node(), { [name]: value });

    expect(outcome.status).toBe(1);
    expect(left(outcome)).toEqual(untouched);
    expect(outcome.calls.join('\n')).toContain(`setting '${name}': expected`);
  });
});

describeWith(['bash', 'flock'], 'addresses', () => {
  test('of removed sandboxes are given back, those of others stay', () => {
    const host = node();
    host.write('cni/networks/cbr0/10.42.0.7', 'aaa\r\neth0');
    host.write('cni/networks/cbr0/10.42.0.8', 'bbb');
    host.write('cni/networks/cbr0/10.42.0.9', 'aaaa\r\neth0');
    host.write('cni/networks/cbr0/10.42.0.10', '');
    host.write('cni/networks/cbr0/last_reserved_ip.0', 'aaa');
    host.write('outside', 'aaa\r\neth0');
    symlinkSync(host.path('outside'), host.path('cni/networks/cbr0/10.42.0.11'));
    mkdirSync(host.path('cni/networks/cbr0/10.42.0.12'));

    run(host);

    expect(host.has('cni/networks/cbr0/10.42.0.7')).toBe(false);
    expect(host.has('cni/networks/cbr0/10.42.0.8')).toBe(false);
    for (const kept of ['10.42.0.9', '10.42.0.10', 'last_reserved_ip.0', '10.42.0.11', '10.42.0.12']) {
      expect(host.has(`cni/networks/cbr0/${kept}`)).toBe(true);
    }
    expect(host.has('outside')).toBe(true);
  });

  test('of a sandbox whose record stayed are not given back', () => {
    const host = node({ ctr: CTR.replace('shift 3; for id', 'shift 4; for id') });
    host.write('cni/networks/cbr0/10.42.0.7', 'aaa\r\neth0');
    host.write('cni/networks/cbr0/10.42.0.8', 'bbb\r\neth0');

    const { status, calls } = run(host);

    expect(status).toBe(3);
    expect(calls.at(-1)).toContain('removed 1 of 2');
    expect(host.has('cni/networks/cbr0/10.42.0.7')).toBe(true);
    expect(host.has('cni/networks/cbr0/10.42.0.8')).toBe(false);
  });
});

/** What `ctr containers info` prints of a record that the CRI plugin made. */
const info = (kind: string, id: string, name: string, sandbox?: string) => {
  const metadata = { ID: id, Name: name, ...(sandbox === undefined ? { Config: {} } : { SandboxID: sandbox }) };
  const value = Buffer.from(JSON.stringify({ Version: 'v1', Metadata: metadata })).toString('base64');
  return JSON.stringify(
    { ID: id, Extensions: { [`io.cri-containerd.${kind}.metadata`]: { type_url: 'x', value } } },
    null,
    4,
  );
};

/** A node within a boot whose containerd ended: aa and bb have one name, aa lives, cc belongs to bb, dd to aa. */
function startingOver(restarts: string): FakeHost {
  const host = node({ systemctl: `printf '%s\\n' '${restarts}'` });
  host.write('state/boot-id', `${BOOT}\n`);
  shim(host, 4711, '-namespace', 'k8s.io', '-id', 'aa', '-address', SOCKET);
  host.write('containerd-state/io.containerd.runtime.v2.task/k8s.io/aa/config.json', '{}');
  host.write('containerd-state/io.containerd.runtime.v2.task/k8s.io/dd/config.json', '{}');
  host.write('records/sandbox', 'aa\nbb\nee\n');
  host.write('records/container', 'cc\ndd\n');
  host.write('info/aa', info('sandbox', 'aa', 'pod_default_1_0'));
  host.write('info/bb', info('sandbox', 'bb', 'pod_default_1_0'));
  host.write('info/ee', info('sandbox', 'ee', 'pod_default_1_1'));
  host.write('info/cc', info('container', 'cc', 'c_pod_default_1_0', 'bb'));
  host.write('info/dd', info('container', 'dd', 'c_pod_default_1_1', 'aa'));
  return host;
}

const idsOf = ({ removed }: ReturnType<typeof run>) => removed.map((call) => call.replace(/^.*--keep-snapshot /, ''));

describeWith(['bash', 'flock', 'base64'], 'two records of one name', () => {
  test.each(['0', '', '3', '6', '-1', 'a[$(touch /tmp/x)]'])('are not looked for after %j restarts', (restarts) => {
    const { status, calls, removed } = run(startingOver(restarts));

    expect({ status, removed }).toEqual({ status: 0, removed: [] });
    expect(calls.filter((call) => call.startsWith('containerd'))).toEqual([]);
  });

  test.each(['1', '2', '4', '64'])(
    'lose the one that does not live, with its containers, after %s restarts',
    (restarts) => {
      const outcome = run(startingOver(restarts));

      expect(outcome.status).toBe(3);
      expect(idsOf(outcome)).toEqual(['cc', 'bb']);
    },
  );

  test('both stay while both live', () => {
    const host = startingOver('1');
    host.write('containerd-state/io.containerd.runtime.v2.task/k8s.io/bb/config.json', '{}');

    const { status, removed } = run(host);

    expect({ status, removed }).toEqual({ status: 0, removed: [] });
  });

  test('both go where neither lives, and no container that lives goes with them', () => {
    const host = startingOver('1');
    rmSync(host.path('proc/4711'), { recursive: true });
    rmSync(host.path('containerd-state/io.containerd.runtime.v2.task/k8s.io/aa'), { recursive: true });

    const outcome = run(host);

    expect(outcome.status).toBe(3);
    expect(idsOf(outcome)).toEqual(['cc', 'aa bb']);
  });

  test('of containers lose the one that does not live', () => {
    const host = startingOver('1');
    host.write('info/bb', info('sandbox', 'bb', 'another_default_1_0'));
    host.write('info/cc', info('container', 'cc', 'c_pod_default_1_1', 'bb'));

    expect(idsOf(run(host))).toEqual(['cc']);
  });

  test.each([
    ['not JSON', 'nothing'],
    ['of another kind', info('container', 'bb', 'pod_default_1_0')],
    ['of another id', info('sandbox', 'aa', 'pod_default_1_0')],
  ])('are not two where one is %s', (_, text) => {
    const host = startingOver('1');
    host.write('info/bb', text);

    expect(idsOf(run(host))).toEqual([]);
  });

  test('stay while a shim does not say which sandbox it runs', () => {
    const host = startingOver('1');
    shim(host, 4712, '-namespace', 'k8s.io', '-address', SOCKET);

    const { status, removed } = run(host);

    expect({ status, removed }).toEqual({ status: 2, removed: [] });
  });

  test('stay where containerd keeps its tasks elsewhere', () => {
    const host = startingOver('1');
    rmSync(host.path('containerd-state'), { recursive: true });

    const { status, removed } = run(host);

    expect({ status, removed }).toEqual({ status: 2, removed: [] });
  });

  test('stay while another process holds the database', () => {
    const host = startingOver('1');
    host.stub('flock', 'exit 75');

    const { status, removed } = run(host);

    expect({ status, removed }).toEqual({ status: 2, removed: [] });
  });
});
