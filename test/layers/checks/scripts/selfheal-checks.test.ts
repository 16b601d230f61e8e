import { readdirSync, statSync } from 'node:fs';
import { expect, test } from 'vitest';
import { checkHost, program } from './plug-in.js';

const TOOLS = ['date'];
const run = (checks: string, programs: Readonly<Record<string, string>>) => {
  const made = checkHost({}, {}, TOOLS);
  for (const [name, body] of Object.entries(programs)) program(made.host, `${name}.sh`, body);
  return { ...made, ...made.run('selfheal-checks.sh', settingsOf(made.host.path, checks)) };
};

/** As the unit reads them. */
const settingsOf = (path: (name: string) => string, checks: string) => ({
  CHECKS_HOST_SIDE: checks,
  CHECKS_LIBRARY: path('library'),
  CHECKS_RUN_FOLDER: path('run'),
  CHECKS_TEXTFILE_FOLDER: path('textfile'),
  CHECKS_PROC_FOLDER: path('proc'),
});
const sample = (text: string) => text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));

test('leaves each verdict for NRPE and all of them for Prometheus', () => {
  const { host, status } = run('check_a check_b', {
    check_a: `printf 'A OK - well | x=1;;;0\\nmore\\n'`,
    check_b: `printf 'B CRITICAL - not well\\n'; exit 2`,
  });

  expect(status).toBe(0);
  expect(host.read('run/check_a')).toBe('1000 0\nA OK - well | x=1;;;0\n');
  expect(host.read('run/check_b')).toBe('1000 2\nB CRITICAL - not well\n');
  expect(sample(host.read('textfile/selfheal_checks.prom'))).toEqual([
    'selfheal_check_status{check="a"} 0',
    'selfheal_check_status{check="b"} 2',
    expect.stringMatching(/^selfheal_check_last_run_timestamp_seconds \d{10}$/),
  ]);
});

test.each([
  ['is not there', undefined],
  ['says nothing', 'exit 0'],
  ['dies', "printf 'X OK - well\\n'; exit 139"],
  ['says something else', "printf 'Segmentation fault\\n'"],
  ['hangs', "printf 'X OK - well\\n'; sleep 20"],
])('calls a check that %s unknown, and runs the others', (_, body) => {
  const programs = { ...(body && { check_x: body }), check_b: `printf 'B OK - well\\n'` };
  // Five seconds more than that are its own.
  const fast = `while [[ $1 == -* || $1 == 2 || $1 == 35 ]]; do shift; done; exec /usr/bin/timeout -k 1 0.3 "$@"`;
  const made = checkHost({ timeout: fast }, {}, [...TOOLS, 'sleep']);
  for (const [name, text] of Object.entries(programs)) program(made.host, `${name}.sh`, text);
  const { status } = made.run('selfheal-checks.sh', settingsOf(made.host.path, 'check_x check_b'));

  expect(status).toBe(0);
  expect(made.host.read('run/check_x')).toMatch(/^1000 3\nx UNKNOWN - the check gave no verdict \(status \d+\)\n$/);
  expect(sample(made.host.read('textfile/selfheal_checks.prom')).slice(0, 2)).toEqual([
    'selfheal_check_status{check="x"} 3',
    'selfheal_check_status{check="b"} 0',
  ]);
});

test('leaves no draft, and files that everybody may read', () => {
  const { host } = run('check_a', { check_a: `printf 'A OK - well\\n'` });

  expect([...readdirSync(host.path('run')), ...readdirSync(host.path('textfile'))]).toEqual([
    'check_a',
    'selfheal_checks.prom',
  ]);
  expect(statSync(host.path('run/check_a')).mode & 0o777).toBe(0o644);
});

test.each(['', '../evil', 'check_a;id', 'check_a  check_b'])('refuses %j for names of checks', (checks) => {
  const { status, stderr } = run(checks, {});

  expect(stderr).toContain("setting 'CHECKS_HOST_SIDE': expected names of checks");
  expect(status).toBe(1);
});

test('says so where a verdict cannot be left', () => {
  const { host, run: again } = checkHost({}, {}, TOOLS);
  host.write('file', '');
  const { status, stderr } = again('selfheal-checks.sh', {
    ...settingsOf(host.path, 'check_a'),
    CHECKS_RUN_FOLDER: host.path('file/run'),
  });

  expect(stderr).toContain('expected to make them, could not');
  expect(status).toBe(2);
});
