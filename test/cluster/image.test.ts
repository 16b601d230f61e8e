import { expect, test } from 'vitest';
import { formatImage, tryReadImage } from '../../src/cluster/image.js';

const DIGEST = `sha256:${'0a'.repeat(32)}`;

test.each(['alpine:3.21', 'registry.lan:5000/a/b:v1.2', `a/b@${DIGEST}`, `a/b:latest@${DIGEST}`])(
  '%s is written as it was read',
  (text) => {
    const image = tryReadImage(text);

    expect(image && formatImage(image)).toBe(text);
  },
);

test('the port of a registry is no tag', () => {
  expect(tryReadImage('registry.lan:5000/a')).toBeUndefined();
  expect(tryReadImage('registry.lan:5000/a:1.2')).toEqual({
    repository: 'registry.lan:5000/a',
    tag: '1.2',
    digest: null,
  });
});
