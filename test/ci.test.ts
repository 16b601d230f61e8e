import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from './support/tools.js';

const SCRIPTS = [
  '.ci/run',
  'tools/install-test-tools.sh',
  'tools/install-host-tools.sh',
  'tools/install-cluster-tools.sh',
];

test.each(SCRIPTS)('%s stops at errors and names its exit statuses', (path) => {
  const text = readFileSync(path, 'utf8');

  expect(text).toMatch(/^set -euo pipefail$/m);
  expect(text).toMatch(/Exit status: /);
});

describeWith(['shellcheck'], 'the scripts around the tests', () => {
  test.each(SCRIPTS)('shellcheck has nothing to say about %s', (path) => {
    expect(spawnSync('shellcheck', ['-x', path], { encoding: 'utf8' })).toMatchObject({ stdout: '', status: 0 });
  });
});

test('every tool that a suite asks for is installed by one of the scripts', () => {
  const installed = SCRIPTS.map((path) => readFileSync(path, 'utf8')).join('\n');
  const suites = readdirSync('test', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.test.ts'))
    .map((path) => readFileSync(join('test', path), 'utf8'))
    .join('\n');
  const lists = [...suites.matchAll(/describeWith\(\s*\[([^\]]*)\]/g)].map(([, list = '']) => list).join();
  const asked = new Set([...lists.matchAll(/'([^']+)'/g)].map(([, tool = '']) => tool));

  expect(asked.size).toBeGreaterThan(3);
  expect([...asked].filter((tool) => !new RegExp(`\\b${PACKAGES[tool] ?? tool}\\b`).test(installed))).toEqual([]);
});

test('every suite of package.json runs in CI, but for those that say when else', () => {
  const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
  const run = readFileSync('.ci/run', 'utf8');
  const suites = Object.keys(scripts).filter((name) => /^test(:|$)/.test(name));

  expect(suites).toContain('test:host');
  expect(
    suites.filter(
      (name) => !new RegExp(`^ *(?:suite|background '.*' after_the_build run_suite) ${name}$`, 'm').test(run),
    ),
  ).toEqual(['test:nightly']);
});

test('what CI started in the background is waited for by its name', () => {
  const run = readFileSync('.ci/run', 'utf8');
  const started = [...run.matchAll(/^ *background '([^']+)'/gm)].map(([, name]) => name);

  expect(started).toEqual(['cluster tools', 'npm run test:rules']);
  for (const name of started) expect(run).toContain(`step '${name}' wait_for '${name}'`);
});

/** Programs that come in a package of another name, which the scripts name. */
const PACKAGES: Readonly<Record<string, string>> = {
  'systemd-nspawn': 'systemd-container',
  'iptables-save': 'iptables',
  chattr: 'e2fsprogs',
  ctr: 'containerd',
  ip: 'iproute2',
  scp: 'openssh-client',
  sftp: 'openssh-client',
  ssh: 'openssh-client',
  tc: 'iproute2',
};
