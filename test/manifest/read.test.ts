import { expect, test } from 'vitest';
import { Scalar } from 'yaml';
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

test('a repeated key is refused wherever it is, with the line of its second place', () => {
  const problem = (text: string) => readManifests('x.yaml', text).problems;

  expect(problem(`${named('a')}data:\n  k: 1\n  l: 2\n  "k": 3\ndata: {}\n`)).toEqual([
    "'x.yaml', line 7: expected YAML, got Map keys must be unique",
  ]);
  expect(problem(`${named('a')}---\n${named('b')}list: [{ k: 1, k: 2 }]\n`)).toEqual([
    "'x.yaml', document 2, line 8: expected YAML, got Map keys must be unique",
  ]);
  expect(problem(`${named('a')}data: { k: { k: 1 }, l: { k: 1 }, 1: a, "1": b }\n`)).toEqual([]);
});

test('no key of a map is held against each other one: a map of 60,000 would take minutes', () => {
  const keys = 1_000;
  const data = Array.from({ length: keys }, (_, index) => `  key-${index}: v\n`).join('');

  expect(timesScalarsAreRead(() => parseManifests('x.yaml', `${named('a')}data:\n${data}`))).toBeLessThan(50 * keys);
});

/** How often the value of any scalar of the library's is looked at. */
function timesScalarsAreRead(run: () => unknown): number {
  const values = new WeakMap<object, unknown>();
  let times = 0;
  Object.defineProperty(Scalar.prototype, 'value', {
    configurable: true,
    get() {
      times += 1;
      return values.get(this);
    },
    set(value: unknown) {
      values.set(this, value);
    },
  });
  try {
    run();
  } finally {
    Reflect.deleteProperty(Scalar.prototype, 'value');
  }
  return times;
}

test('a hook whose name the server makes up is an object', () => {
  expect(
    parseManifests('x.yaml', 'apiVersion: batch/v1\nkind: Job\nmetadata: {generateName: go-}\n')[0]?.metadata.name,
  ).toBe('go-*');
});
