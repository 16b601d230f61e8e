import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { contentHash } from '../../../src/layers/node-bootstrap/content-hash.js';

test('does not depend on the order in which the parts were put together', () => {
  expect(contentHash(new Map([['a', '1'], ['b', '2']]))).toBe(contentHash(new Map([['b', '2'], ['a', '1']]))); // biome-ignore format: two pairs
});

test.each([
  ['a content', new Map([['a', '2']])],
  ['a name', new Map([['b', '1']])],
  ['a further part', new Map([['a', '1'], ['b', '']])], // biome-ignore format: two pairs
])('is another for another %s', (_, payload) => {
  expect(contentHash(payload)).not.toBe(contentHash(new Map([['a', '1']])));
});

test('is what sha256sum gives over its own listing of the folder', () => {
  const folder = mkdtempSync(join(tmpdir(), 'content-hash-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const payload = new Map([['host_etc_b.conf', 'ü\n'], ['Z.sh', ''], ['plan', 'end\n'], ['a-b', 'x']]); // biome-ignore format: pairs
  for (const [key, content] of payload) writeFileSync(join(folder, key), content);

  const listed = execFileSync('sh', ['-c', 'LC_ALL=C; export LC_ALL; sha256sum -- * | sha256sum'], { cwd: folder });

  expect(contentHash(payload)).toBe(String(listed).slice(0, 64));
});
