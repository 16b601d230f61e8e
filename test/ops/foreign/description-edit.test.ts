import { expect, test } from 'vitest';
import { withRetiring } from '../../../src/ops/foreign/description-edit.js';

const TEXT = `export default defineCluster({\n  name: 'attic',\n  dns: {},\n});\n`;

test('a text that is not written the way that we know is left alone', () => {
  expect(withRetiring('export default make("attic");\n', 'attic', 'coredns')).toBeUndefined();
  expect(withRetiring(TEXT, 'cellar', 'coredns')).toBeUndefined();
});

test.each([
  ['behind the name', TEXT, "  name: 'attic',\n  retiring: ['coredns'],\n  dns"],
  ['in an empty list', TEXT.replace('dns: {}', 'retiring: []'), "  retiring: ['coredns'],"],
  ['in a list', TEXT.replace('dns: {}', "retiring: ['keep-off']"), "  retiring: ['coredns', 'keep-off'],"],
  [
    'in a list of lines',
    TEXT.replace('dns: {}', "retiring: [\n    'keep-off',\n  ]"),
    "  retiring: [\n    'coredns',\n    'keep-off',\n  ],",
  ],
  ['in JSON', '{\n  "name": "attic",\n  "dns": {}\n}', '"name": "attic",\n  "retiring": ["coredns"],\n'],
])('the name is put %s', (_, text, expected) => {
  expect(withRetiring(text, 'attic', 'coredns')).toContain(expected);
});
