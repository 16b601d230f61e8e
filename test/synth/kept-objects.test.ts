import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { everyScript } from '../../src/layers/script.js';
import { MINIMAL_SPEC } from '../support/clusters.js';
import { PROGRAM, workspace } from '../support/program.js';
import { filesIn } from '../support/sources.js';

const describing = (sections: Readonly<Record<string, unknown>>): string =>
  `export default ${JSON.stringify({ ...MINIMAL_SPEC, ...sections })};\n`;

const KEPT = 'node_modules/.cache/selfheal/clusters-attic.ts.objects.json';

let remove = (): void => undefined;
afterEach(() => remove());

/** A folder in which the rights for one cluster were asked for once, and so its objects were rendered. */
function looked() {
  const created = workspace({ 'clusters/attic.ts': describing({ dns: { replicas: 1 } }), 'node_modules/.keep': '' });
  ({ remove } = created);
  const role = (): string => {
    const { status, stdout, stderr } = created.run('drift', '--print-role');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };
  return { ...created, role, first: role() };
}

const kept = (folder: string): Record<string, unknown> => JSON.parse(readFileSync(join(folder, KEPT), 'utf8'));

describe('objects that are kept', () => {
  test('are those of the description, and are read the next time', () => {
    const { folder, put, role, first } = looked();
    expect(first).toContain('coredns');

    expect(role()).toBe(first);
    put(KEPT, JSON.stringify({ ...kept(folder), objects: [] }));

    expect(role()).not.toContain('coredns');
  });

  test('are not read for a description that says something else by now', () => {
    const { put, role } = looked();

    put('clusters/attic.ts', describing({}));

    expect(role()).not.toContain('coredns');
  });

  test('are not read for a description that another file changes', () => {
    const { put, role } = looked();
    put('clusters/_dns.ts', 'export const dns = { replicas: 1 };');
    put('clusters/attic.ts', `import { dns } from './_dns';\n${describing({}).replace('{', '{ dns, ')}`);
    expect(role()).toContain('coredns');

    put('clusters/_dns.ts', 'export const dns = undefined;');

    expect(role()).not.toContain('coredns');
  });

  test.each([
    ['of another program', (text: string) => text.replace(/"hash":"./, '"hash":"x')],
    ['cut short', (text: string) => text.slice(0, 200)],
    ['something else', () => '{"hash": 7}'],
    ['empty', () => ''],
  ])('are rendered anew where they are %s', (_, change) => {
    const { folder, put, role, first } = looked();
    const before = readFileSync(join(folder, KEPT), 'utf8');

    put(KEPT, change(before));

    expect(role()).toBe(first);
    expect(readFileSync(join(folder, KEPT), 'utf8')).toBe(before);
  });

  test('are never what a synth writes', () => {
    const { folder, put, run } = looked();
    put(KEPT, JSON.stringify({ ...kept(folder), objects: [] }));

    expect(run('synth').status).toBe(0);

    expect(existsSync(join(folder, 'dist/attic/coredns/deployment-coredns.yaml'))).toBe(true);
  });

  test('are nowhere without a folder for them', () => {
    const { folder, run, remove: clear } = workspace({ 'clusters/attic.ts': describing({ dns: { replicas: 1 } }) });
    remove = clear;

    expect(run('drift', '--print-role').stdout).toContain('coredns');

    expect(readdirSync(folder)).toEqual(['clusters']);
  });
});

test('the program that they are kept with is the one that was bundled, to the last byte', () => {
  const [, said, bundled] =
    /^const __programHash='(\w+)';\n([\s\S]*)$/.exec(readFileSync(join(PROGRAM, '../program.cjs'), 'utf8')) ?? [];

  expect(said).toBe(
    createHash('sha256')
      .update(bundled ?? '')
      .digest('hex'),
  );
  expect(bundled).toContain('__programHash');
});

test('every script of a layer is part of what they are kept with', () => {
  const scripts = filesIn('src/layers').filter((path) => path.split('/').includes('scripts'));
  const contents = new Set(everyScript().map(String));

  expect(scripts.length).toBeGreaterThan(10);
  expect(scripts.filter((path) => !contents.has(readFileSync(path, 'utf8')))).toEqual([]);
});
