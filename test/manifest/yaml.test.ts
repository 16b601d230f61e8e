import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { parseDocument } from 'yaml';
import type { Json, Manifest } from '../../src/manifest/manifest.js';
import { HEADER, toYaml } from '../../src/manifest/yaml.js';
import { homelab, objectsOf, pvek8s } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';

const configMap = (data: Record<string, string>): Manifest => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'strings', namespace: 'default' },
  data,
});

/** Texts that a YAML 1.1 reader, or Go's, takes for something else when they stand there unquoted. */
const MISREAD = [
  ...['yes', 'no', 'on', 'off', 'y', 'n', 'Y', 'N', 'true', 'False', 'TRUE', 'null', 'Null', '~', ''],
  ...['0777', '0o777', '0O777', '-0o7', '0o_7', '0x1f', '0X1f', '0b11', '0B11', '+0b1', '1_000', '1:30', '190:20:30'],
  ...['1', '-1', '+1', '1.5', '.5', '5.', '1e3', '1E+3', '.inf', '-.Inf', '.nan', 'NaN', 'Infinity'],
  ...['2026-04-05', '2026-04-05T10:00:00Z', '2026-4-5 1:2:3', '<<', '=', '-', '?', ':', '- a', 'a: b', 'a #b', '#a'],
  ...['*a', '&a', '!a', '%a', '@a', '`a', '{a}', '[a]', '|', '>', '"', "'", ' a', 'a ', '\ta', 'a\t', 'a\rb', '\r\n'],
  ...['\u0007', '\u0085', 'a\u2028b', '\u2029', '\ufeff', '\u{1f4a9}', 'é', '---', '...', '--- a', '... a'],
];

const MULTILINE = [
  'a\nb',
  'a\nb\n',
  'a\n\n\nb\n\n',
  '\na',
  '\n',
  ' a\nb',
  '\ta\nb\n',
  'a \nb\n',
  '#!/bin/sh\nset -eu\n\tprintf "%s\\n" "$1"\n',
];

describe('texts that a reader could take for something else', () => {
  test.each([...MISREAD, ...MULTILINE].map((text) => [text]))(
    '%j stays a text, as value, as key and in a list',
    (text) => {
      const manifest: Manifest = {
        ...configMap({ [`k${text}`]: text, [text === '<<' ? 'no Kubernetes key' : text]: 'value' }),
        list: [text, { a: text }],
      };

      const read = parseDocument(toYaml(manifest), { version: '1.1', merge: false });

      expect(read.errors).toEqual([]);
      expect(read.toJS()).toEqual(manifest);
    },
  );
});

describe('whatever is written', () => {
  /** A small generator, so that a failure comes again. */
  function* numbers(seed: number): Generator<number, never> {
    for (let state = seed; ; ) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      yield state;
    }
  }

  const PIECES = [
    ...MISREAD,
    ...'aZ09 _-./:#,&*!|>%@`\'"\\{}[]()=~<\n\t',
    'true',
    'docker.io',
    '1',
    '\n\n',
    ': ',
    ' #',
  ];

  test.each(['1.1', '1.2'] as const)('is read back as it was by a reader of YAML %s', (version) => {
    const random = numbers(7);
    const texts = Array.from({ length: 4_000 }, () =>
      Array.from({ length: 1 + (random.next().value % 6) }, () => PIECES[random.next().value % PIECES.length]).join(''),
    );
    const manifest = {
      ...configMap({}),
      list: texts,
      nested: [[texts.slice(0, 9)], [], {}, [{ a: [], b: {} }], null, 1.5],
    };

    const read = parseDocument(toYaml(manifest), { version, merge: false });

    expect(read.errors).toEqual([]);
    expect(read.toJS()).toEqual(manifest);
  });

  test.each([['homelab', homelab()] as const, ['pvek8s', pvek8s()] as const])(
    'of %s is read back as it was',
    (_, cluster) => {
      const objects = objectsOf(cluster);

      expect(objects.length).toBeGreaterThan(10);
      for (const object of objects) expect(parseDocument(toYaml(object)).toJS()).toEqual(object);
    },
  );
});

describe('a script', () => {
  test('comes out as a block that a person can read', () => {
    const script = `#!/usr/bin/env bash\nset -euo pipefail\n\n\tprintf '%s\\n' "a: b # c"\n# ${'long '.repeat(60)}\n`;

    const text = toYaml(configMap({ 'run.sh': script }));

    expect(text).toContain('  run.sh: |\n    #!/usr/bin/env bash\n    set -euo pipefail\n\n    \tprintf');
    expect(text).toContain(`    # ${'long '.repeat(60)}\n`);
  });

  test('without a final line break says so', () => {
    expect(toYaml(configMap({ a: 'x\ny' }))).toContain('  a: |-\n    x\n    y\n');
  });
});

test('a file begins with the line by which synth knows its own', () => {
  expect(toYaml(configMap({})).split('\n')[0]).toBe(HEADER);
});

test('an object that stands in two places is written twice, not referred to', () => {
  const shared: Json = { app: 'a' };

  const text = toYaml({ ...configMap({}), a: shared, b: shared, c: [shared, shared] });

  expect(text).not.toMatch(/[&*]\w/);
  expect(parseDocument(text).toJS()).toMatchObject({ a: shared, b: shared, c: [shared, shared] });
});

test('a file mode is also written as people write it', () => {
  const secret: Json = { secretName: 'key', defaultMode: 0o400 };

  const text = toYaml({ ...configMap({}), secret });

  expect(text).toContain('\n  defaultMode: 256 # 0400\n');
  expect(parseDocument(text).toJS()).toMatchObject({ secret });
});

test('a long line is not folded', () => {
  const expression = `sum by (node) (rate(metric{${'label="value",'.repeat(40)}}[5m])) > 3`;

  expect(toYaml({ ...configMap({}), spec: { expression } })).toContain(`  expression: ${expression}\n`);
});

test('there is no directive and no end mark', () => {
  expect(toYaml(configMap({}))).not.toMatch(/^(%|---|\.\.\.)/m);
});

describeWith(['kubectl'], "kubectl, which reads YAML as Go's library does", () => {
  test('reads every text back as it was, but for the one that Go itself folds', () => {
    const texts = [...MISREAD, ...MULTILINE].filter((text) => !text.includes('\u0085'));
    const data = Object.fromEntries(texts.map((text, index) => [`key-${index}`, text]));

    const { status, stdout, stderr } = spawnSync(
      'kubectl',
      ['patch', '--local', '--type=merge', '--patch={}', '-o', 'json', '-f', '-'],
      { input: toYaml(configMap(data)), encoding: 'utf8', timeout: 120_000 },
    );

    expect(stderr).toBe('');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).data).toEqual(data);
  });
});
