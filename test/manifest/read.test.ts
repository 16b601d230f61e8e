import { expect, test } from 'vitest';
import { parseManifests, readManifests } from '../../src/manifest/read.js';

const named = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

test('reads every document, and every item of a List', () => {
  const list = 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: c}}\n';

  expect(
    parseManifests('x.yaml', `---\n${named('a')}---\n# nothing\n---\n${list}`).map(({ metadata }) => metadata.name),
  ).toEqual(['a', 'c']);
});

test('reads what Kubernetes reads: yes is true, 0644 is octal, a date and 1:30 are texts', () => {
  const [read] = parseManifests('x.yaml', `${named('a')}on: yes\nmode: 0644\nday: 2026-01-01\ntime: 1:30\n`);

  expect(read).toMatchObject({ true: true, mode: 420, day: '2026-01-01', time: '1:30' });
});

test('says all that is wrong, each with its document', () => {
  const { manifests, problems } = readManifests('x.yaml', `${named('a')}---\nkind: Pod\n---\n${named('""')}---\n- 1\n`);

  expect(manifests).toHaveLength(1);
  expect(problems).toEqual([
    "'x.yaml', document 2: apiVersion: expected a text, got nothing",
    `'x.yaml', document 3: metadata.name of the ConfigMap: expected a text, got ""`,
    "'x.yaml', document 4: expected an object of Kubernetes, got [1]",
  ]);
});

test('says in which line YAML breaks', () => {
  expect(() => parseManifests('x.yaml', 'apiVersion: v1\nkind: [\n')).toThrow(
    /^'x\.yaml', line \d: expected YAML, got /,
  );
  expect(() => parseManifests('x.yaml', `${named('a')}kind: Pod\n`)).toThrow(
    /line 4: expected YAML, got Map keys must be unique/,
  );
});

test('a hook whose name the server makes up is an object', () => {
  expect(
    parseManifests('x.yaml', 'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: go-}\n')[0]?.metadata.name,
  ).toBe('go-*');
});
