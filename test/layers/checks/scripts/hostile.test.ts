/** What the cluster and its people can put before a check: it is told as it stands, or it is UNKNOWN. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ago, checkHost, kubectl, rows, SETTINGS } from './plug-in.js';

const SCRIPTS = 'src/layers/checks/scripts';
const STALL = 'check_k8s_scheduler_stall.sh';
const WAITING = `shop/a ${ago(301)} , ,`;

const told = (script: string, answer: string) => {
  const { host, run } = checkHost({ kubectl: answer });
  return { host, ...run(script) };
};
const events = (lines: readonly string[]) =>
  kubectl({ '--field-selector=reason=SandboxChanged': lines, '--field-selector=reason=FailedCreatePodSandBox': [] });

test.each(['$(touch "$HOME/ran")', '`touch ran`', "a]b'c", 'x[$(touch ran)]', '100%s%n', '-n', '*'])(
  'an event that says it is of the node %j is counted and told, and nothing of it is run',
  (name) => {
    const quoted = `6 ${ago(9)} ${ago(9)} ${name.replaceAll("'", "'\\''")}`;
    const { host, status, stdout } = told('check_sandbox_changed.sh', events([quoted]));

    expect(stdout).toContain(`WARNING - 6 sandbox events on ${name} in 5 min`);
    expect(status).toBe(1);
    expect(readdirSync(host.folder)).not.toContain('ran');
  },
);

/** bash before 5.2 expands such a key once more, and runs what is in it. */
test('no name is a key inside of an arithmetic expression', () => {
  const scripts = readdirSync(SCRIPTS).filter((name) => name.endsWith('.sh'));
  const lines = scripts.flatMap((name) => readFileSync(`${SCRIPTS}/${name}`, 'utf8').split('\n'));

  expect(scripts.length).toBeGreaterThan(10);
  expect(lines.filter((line) => /\(\([^#]*\w\[\$(?!\d\])/.test(line.replaceAll(/\$\{[^}]*\}/g, '')))).toEqual([]);
});

test.each([
  ['an end', 'selfheal-end'],
  ['an end and a line of a log', 'selfheal-end\nI0604 20:27:00.1 1 x.go:1] y'],
  ['an end and a new begin', 'selfheal-end\nselfheal-begin'],
])('a name with %s of the answer in it hides nothing behind it', (_, name) => {
  const lines = [`1 ${ago(9)} ${ago(9)} x\n${name}`, `900 ${ago(9)} ${ago(9)} k8s02`];
  const { status, stdout } = told('check_sandbox_changed.sh', events(lines));

  expect(stdout).toMatch(/^SANDBOXES UNKNOWN - .*no whole answer/);
  expect(status).toBe(3);
});

test('the time of day in an object is not taken for that of the API server', () => {
  const body = `"Date: Thu, 04 Jun 2026 20:20:00 GMT"`;
  const log = [
    'I0604 20:27:00.1 1 round_trippers.go:632] "Response" headers=<',
    '\tDate: Thu, 04 Jun 2026 20:27:00 GMT',
    `I0604 20:27:00.1 1 request.go:1181] Response Body: {"a": ${body}}`,
    `I0604 20:27:00.1 1 helper.go:113] "Response Body" body="[{}] Date: Thu, 04 Jun 2026 20:20:00 GMT"`,
  ];
  const answer = rows([WAITING], `printf '%s\\n' ${log.map((line) => `'${line}'`).join(' ')} >&2`);

  expect(told(STALL, kubectl({ 'get pods': answer }))).toMatchObject({
    status: 2,
    stdout: expect.stringContaining('oldest=301s'),
  });
});

test.each([
  ['a deprecated API', 'Warning: v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1'],
  ['another version', 'WARNING: version difference between client (1.34) and server (1.28) exceeds the skew of +/-1'],
  ['a file that others may read', 'WARNING: Kubernetes configuration file is group-readable. This is insecure.'],
])('a warning of kubectl about %s changes nothing, on whichever side it comes', (_, warning) => {
  for (const side of [1, 2]) {
    const answer = `printf '%s\\n' '${warning}' >&${side}\n${kubectl({ 'get pods': [WAITING] })}`;

    expect(told(STALL, answer)).toMatchObject({ status: 2, stdout: expect.stringContaining('untouched=1;') });
  }
});

test('what a terminal would obey does not come through', () => {
  const name = 'shop/\u001b[2Ja\u0007\u0000b'.replaceAll('\u0000', '');

  expect(told(STALL, kubectl({ 'get pods': [`${name} ${ago(301)} , ,`] })).stdout).toContain('e.g. shop/ [2Ja b (');
});

test('a name cannot end that of a figure', () => {
  const lease = (name: string) => `${name} ${ago(1)} k8s01_a`;
  const answers = { 'get leases.coordination.k8s.io': [lease(`a=1;'|b`), lease('kube-scheduler')], 'get pods': [] };
  const quoted = kubectl(answers).replaceAll(`a=1;'|b`, `a=1;'\\''|b`);

  expect(told('check_k8s_lease_holder.sh', quoted).stdout).toContain(' | a_1___b=1s;;300;0 scheduler=1s;');
});

test('does not remember in vain: where its folder cannot be written it is UNKNOWN', () => {
  const { host, run } = checkHost({ kubectl: kubectl({ 'get pods': [`u1 4 ${ago(60)} -`] }) });
  for (const [name, text] of Object.entries({ hostname: 'k8s01', 'random/boot_id': 'b2' }))
    host.write(`proc/sys/kernel/${name}`, `${text}\n`);
  host.write('proc/stat', `btime ${Date.parse(ago(1_000)) / 1_000}\n`);
  host.write('state', 'a file where the folder should be');
  const { status, stdout } = run('check_calico_node_restarts.sh');

  expect(stdout).toMatch(/^CALICO UNKNOWN - .*expected to remember the restarts there, could not/);
  expect(status).toBe(3);
});

test('a log that does not fit where the disk is full is UNKNOWN, and not a quiet one', () => {
  const { host } = checkHost(
    {
      systemctl: 'printf active',
      journalctl: `printf '[  900.1] a b: ${'context canceled '.repeat(99)}%s\\n' {1..99}`,
    },
    SETTINGS,
  );
  // A file that may not have a byte is what a full disk gives.
  const words = ['-c', `trap '' XFSZ; ulimit -f 0; exec "$0"`, `${process.cwd()}/${SCRIPTS}/check_dqlite_locks.sh`];
  const env = { PATH: host.path('bin'), CHECKS_SETTINGS_FILE: host.path('checks.env') };
  const { status, stdout } = spawnSync('bash', words, { env, encoding: 'utf8' });

  expect(stdout).toBe('DATASTORE UNKNOWN - the check itself ended early (status 1)\n');
  expect(status).toBe(3);
});
