import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { workspace } from './support/program.js';
import { readmeExample } from './support/readme.js';

const README = readFileSync('README.md', 'utf8');

test('the example synthesizes, and is told of no more than alerts that it cannot have', () => {
  const { run, remove } = workspace({ 'clusters/attic.ts': readmeExample() });
  try {
    const { status, stdout, stderr } = run('synth');

    for (const line of stderr.trim().split('\n')) expect(line).toMatch(/^attic: left out, because .+: [A-Z]/);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\d+ manifests of attic in dist: /);
  } finally {
    remove();
  }
});

test('the messages that it shows are the ones that the program prints', () => {
  const example = readmeExample()
    .replace("timeZone: 'Europe/Vienna'", "timeZone: 'MST'")
    .replace('{ replicas: 2 }', '{ replcas: 2 }');
  const { run, remove } = workspace({ 'clusters/attic.ts': example });
  try {
    const { status, stderr } = run('synth');

    expect(status).toBe(2);
    expect(README).toContain(stderr);
  } finally {
    remove();
  }
});

test('what it says of MicroK8s is a description', () => {
  const [, said = ''] = /On MicroK8s it is `([^`]*)` with /.exec(README) ?? [];
  const microk8s = readmeExample()
    .replace(/distribution: 'k3s',\n.*\n/, `${said},\n  cni: 'calico',\n`)
    .replace("role: 'server'", "role: 'control-plane'")
    .replace("role: 'agent'", "role: 'worker'");
  const { run, remove } = workspace({ 'clusters/attic.ts': microk8s });
  try {
    const { status, stdout, stderr } = run('synth');

    expect(stderr).not.toContain('problem');
    expect(status).toBe(0);
    expect(stdout).toMatch(/^\d+ manifests of attic in dist: /);
  } finally {
    remove();
  }
});

describe('what it points to exists', () => {
  const links = [...README.matchAll(/\]\(([^)#]+)[^)]*\)/g)].map(([, path = '']) => path);
  const paths = [...README.matchAll(/`((?:src|docs|dist|node_modules)\/[^`*<…]*)`/g)].map(([, path = '']) => path);

  test('the scan found links and paths', () => {
    expect(links.length).toBeGreaterThan(3);
    expect(paths.length).toBeGreaterThan(5);
  });

  test.each(links.filter((link) => !link.startsWith('http')))('%s', (path) => {
    expect(existsSync(path)).toBe(true);
  });

  test.each(paths.filter((path) => !path.startsWith('node_modules') && !path.startsWith('dist/attic')))(
    '%s',
    (path) => {
      expect(existsSync(path)).toBe(true);
    },
  );

  test('every script that it runs is in package.json', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8'));
    const used = [...README.matchAll(/npm (?:run )?(test|synth|[a-z:]+)\b/g)]
      .map(([, name = '']) => name)
      .filter((name) => !['ci', 'init', 'install', 'pack'].includes(name));

    expect(used.length).toBeGreaterThan(1);
    for (const name of used) expect(Object.keys(scripts)).toContain(name);
  });
});
