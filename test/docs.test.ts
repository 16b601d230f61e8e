import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { VERBS } from '../src/commands/index.js';
import { LAYERS } from '../src/layers/index.js';
import { objectsOf, parsed } from './support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from './support/full-clusters.js';

const pages = [
  'README.md',
  ...readdirSync('docs', { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md'))
    .map((path) => join('docs', path))
    .sort(),
];

/** As GitHub and Gitea make them of headings, and those that are set by hand. */
function anchorsOf(text: string): readonly string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id)];
}

const linksOf = (page: string): readonly { readonly path: string; readonly anchor: string | undefined }[] =>
  [...readFileSync(page, 'utf8').matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(
    ([, path = '', anchor]) => ({ path: path === '' ? page : join(dirname(page), path), anchor }),
  );

test('the scan found pages, links and anchors', () => {
  expect(pages.length).toBeGreaterThan(50);
  expect(pages.flatMap(linksOf).length).toBeGreaterThan(100);
  expect(anchorsOf('## Taking a patch back\n<a id="x"></a>')).toEqual(['taking-a-patch-back', 'x']);
});

test.each(pages)('every link in %s leads to a page, and to a place on it', (page) => {
  const dead = linksOf(page).filter(
    ({ path, anchor }) =>
      !existsSync(path) || (anchor !== undefined && !anchorsOf(readFileSync(path, 'utf8')).includes(anchor)),
  );

  expect(dead).toEqual([]);
});

describe.each(LAYERS.map(({ name }) => name))('docs/layers/%s.md', (layer) => {
  const text = readFileSync(`docs/layers/${layer}.md`, 'utf8');

  test('says what it puts where, how to see that it works, what it cannot do and how it is removed', () => {
    for (const part of ['What it puts where', '(How to s|S)ee that it works', 'What it cannot do', 'How it is removed'])
      expect(text).toMatch(new RegExp(`^## ${part}$`, 'm'));
  });
});

/** An Application is not deleted with its folder, nor does it delete what it synced: somebody has to know. */
describe('the removal', () => {
  const applications = [FULL_K3S_SPEC, FULL_MICROK8S_SPEC].flatMap((spec) => objectsOf(parsed(spec), 'argocd'));
  const folders = new Set(
    applications
      .filter(({ kind }) => kind === 'Application')
      .map(({ metadata }) => metadata.name.replace(/^(heal|selfheal)-/, '')),
  );
  folders.delete('root');
  const removals = LAYERS.map(({ name }) => {
    const text = readFileSync(`docs/layers/${name}.md`, 'utf8');
    return { text, removal: text.split(/^## How it is removed$/m)[1] ?? '' };
  });

  test('was looked for in every Application that a cluster can have', () => {
    expect([...folders]).toEqual(expect.arrayContaining(['node-bootstrap', 'coredns', 'monitoring', 'keep-off']));
  });

  test.each([...folders])('of %s is told, by its name or as a patch of something foreign', (folder) => {
    const told = removals.some(
      ({ text, removal }) =>
        new RegExp(`delete application\\s+selfheal-${folder}\\b(?!-)`).test(removal) ||
        (text.includes(`\`${folder}\``) && removal.includes('foreign-patches.md')),
    );

    expect(told).toBe(true);
  });
});

test('docs/testing.md names every test that stands beside the folders', () => {
  const told = [...readFileSync('docs/testing.md', 'utf8').matchAll(/^\| `([\w-]+\.test\.ts)` \|/gm)].map(
    ([, name = '']) => name,
  );
  const tests = readdirSync('test').filter((name) => name.endsWith('.test.ts'));

  expect([...told].sort()).toEqual(tests.sort());
});

test.each(['rules', 'host'])('docs/testing.md names every suite of test/%s', (folder) => {
  const page = readFileSync('docs/testing.md', 'utf8');
  const suites = readdirSync(join('test', folder), { recursive: true, encoding: 'utf8' }).flatMap(
    (name) => /^(.+)[.]test[.]ts$/.exec(name)?.[1] ?? [],
  );

  expect(suites.length).toBeGreaterThan(10);
  expect(suites.filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
});

test('README.md has each verb in its table', () => {
  const told = [...readFileSync('README.md', 'utf8').matchAll(/^\| `([a-z-]+)` \| .*$/gm)].map(([, name = '']) => name);

  expect(VERBS.length).toBeGreaterThan(5);
  expect(VERBS.map(({ name }) => name).filter((name) => !told.includes(name))).toEqual([]);
});

test('docs/reboot.md has each setting of reboots, with its default', () => {
  const page = readFileSync('docs/reboot.md', 'utf8');
  const spec = readFileSync('src/cluster/spec/reboots.ts', 'utf8');
  const [, fields = ''] = /interface RebootsSpec<[^{]*\{\n([\s\S]*?)\n\}/.exec(spec) ?? [];
  const keys = [...fields.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, key = '']) => key);
  const durations = [...fields.matchAll(/@default '(\w+)'\n {3}\*\/\n {2}readonly (\w+)\?: DurationText/g)];

  expect(keys).toHaveLength(11);
  expect(keys.filter((key) => !page.includes(`| \`${key}\` |`))).toEqual([]);
  expect(durations).toHaveLength(4);
  for (const [, preset, key] of durations) expect(page).toContain(`| \`${key}\` | ${preset} |`);
});
