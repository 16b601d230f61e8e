/** tools/install-cluster-tools.sh with a Go that only pretends: what is built when, and that nothing is left half. */
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';

/** Writes what `-o` names; says what it was asked. `GO_FAILS` names the module that does not compile. */
const GO = `#!/bin/bash
[[ $1 == env ]] && { echo "\${GO_VERSION:-go1.26.0}"; exit; }
echo "\${PWD##*/}" >>"$CALLS"
[[ \${GO_FAILS:-} != "\${PWD##*/}" ]] || exit 1
while [[ $1 != -o ]]; do shift; done
[[ -z \${GO_KILLED:-} ]] || { echo half >"$2"; kill -KILL "$(ps -o ppid= "$PPID")" "$PPID"; }
echo program >"$2"
`;

const PACKAGED = ['faketime', 'flock', 'git', 'openssl', 'redis-server'];

/** A copy of the script and its modules, in a folder of its own. */
function copied() {
  const root = mkdtempSync(join(tmpdir(), 'cluster-tools-'));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const programs = join(root, 'programs');
  mkdirSync(programs);
  for (const [name, text] of [['go', GO], ...PACKAGED.map((name) => [name, ''])]) {
    writeFileSync(join(programs, `${name}`), text || '#!/bin/sh\n');
    chmodSync(join(programs, `${name}`), 0o755);
  }
  const go = 'test/live-cluster/bench/go';
  cpSync('tools', join(root, 'tools'), { recursive: true, filter: (path) => !/\.(ts|mjs)$/.test(path) });
  cpSync(go, join(root, go), { recursive: true });
  const tools = join(root, 'built');
  const calls = join(root, 'calls');
  return {
    tools,
    main: join(root, go, 'controlplane/main.go'),
    /** Answers which modules were built, too. */
    run: (env: Readonly<Record<string, string>> = {}) => {
      writeFileSync(calls, '');
      const { status, signal, stderr } = spawnSync('bash', [join(root, 'tools/install-cluster-tools.sh')], {
        encoding: 'utf8',
        env: { PATH: `${programs}:/usr/bin:/bin`, CLUSTER_TOOLS: tools, CALLS: calls, ...env },
      });
      const built = readFileSync(calls, 'utf8').split('\n').filter(Boolean).sort();
      return { status: status ?? signal, stderr, built };
    },
  };
}

/** Each module has its folder. */
const MODULES = readdirSync('test/live-cluster/bench/go').sort();
const NAMES = ['argocd-repo-server', 'etcd', 'kube-apiserver', 'kube-scheduler', 'kubectl', 'kwok'];

test('every program is there after the first run, and the second has nothing to do', () => {
  const { run, tools } = copied();

  expect(run()).toMatchObject({ status: 0, built: MODULES });
  expect(NAMES.map((name) => readFileSync(join(tools, name), 'utf8'))).toEqual(NAMES.map(() => 'program\n'));
  expect(run()).toEqual({ status: 0, stderr: '', built: [] });
});

test('a changed module is built again, alone, and what it was is gone', () => {
  const { run, tools, main } = copied();
  run();
  const before = readdirSync(tools);

  writeFileSync(main, '// changed\n');

  expect(run()).toMatchObject({ status: 0, built: ['controlplane'] });
  const gone = before.filter((name) => !readdirSync(tools).includes(name));
  expect(gone).toEqual([expect.stringMatching(/^controlplane-/)]);
  expect(existsSync(join(tools, 'etcd'))).toBe(true);
});

test('a module that does not compile is named, and leaves what was there', () => {
  const { run, tools, main } = copied();
  run();
  writeFileSync(main, '// broken\n');

  const { status, stderr } = run({ GO_FAILS: 'controlplane' });

  expect(status).toBe(1);
  expect(stderr).toContain("module 'controlplane': expected it to compile");
  expect(readFileSync(join(tools, 'etcd'), 'utf8')).toBe('program\n');
});

test('a build that is killed leaves nothing that looks whole, and the next run mends it', () => {
  const { run, tools } = copied();

  expect(run({ GO_KILLED: '1' }).status).toBe('SIGKILL');
  expect(existsSync(join(tools, 'etcd'))).toBe(false);

  expect(run()).toMatchObject({ status: 0, built: MODULES });
  expect(readFileSync(join(tools, 'etcd'), 'utf8')).toBe('program\n');
  expect(readdirSync(tools).filter((name) => name.startsWith('.building'))).toEqual([]);
});

test('a Go that is too old is refused before anything is built', () => {
  const { run } = copied();

  const { status, stderr, built } = run({ GO_VERSION: 'go1.24.9' });

  expect(status).toBe(1);
  expect(stderr).toBe(
    'install-cluster-tools: Go: expected 1.25 or newer on the PATH, got go1.24.9; https://go.dev/dl has it\n',
  );
  expect(built).toEqual([]);
});

test('what is built needs no Go, and no right to build there', () => {
  const { run, tools } = copied();
  run();
  // The lock of a folder in which nobody may write.
  rmSync(join(tools, '.lock'));
  mkdirSync(join(tools, '.lock'));

  expect(run({ GO_VERSION: 'go1.1' })).toEqual({ status: 0, stderr: '', built: [] });
});

test('a folder of prebuilt programs that lacks one is refused', () => {
  const { run, tools } = copied();

  const { status, stderr } = run({ KUBEBUILDER_ASSETS: join(tools, 'none') });

  expect(status).toBe(1);
  expect(stderr).toContain(`KUBEBUILDER_ASSETS '${join(tools, 'none')}': expected etcd in it, got none`);
});

test('builds nothing where the tests take a given cluster', () => {
  const { run, tools } = copied();

  expect(run({ SELFHEAL_TEST_KUBECONFIG: '/somewhere' })).toEqual({ status: 0, stderr: '', built: [] });
  expect(existsSync(tools)).toBe(false);
});

test('a relative folder is refused', () => {
  expect(copied().run({ CLUSTER_TOOLS: 'tools' })).toMatchObject({
    status: 1,
    stderr: "install-cluster-tools: CLUSTER_TOOLS: expected an absolute path, got 'tools'\n",
  });
});
