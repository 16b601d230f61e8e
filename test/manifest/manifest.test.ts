import { expect, test } from 'vitest';
import { groupOf, identityOf, type Manifest, describe as name } from '../../src/manifest/manifest.js';

const object = (apiVersion: string, namespace?: string): Manifest => ({
  apiVersion,
  kind: 'Thing',
  metadata: { name: 'a', ...(namespace === undefined ? {} : { namespace }) },
});

test('the version is no part of what an object is; group and namespace are', () => {
  expect(identityOf(object('apps/v1'))).toBe(identityOf(object('apps/v1beta1')));
  expect(identityOf(object('apps/v1'))).not.toBe(identityOf(object('v1')));
  expect(identityOf(object('apps/v1', 'x'))).not.toBe(identityOf(object('apps/v1')));
});

test('the core group is the empty one', () => {
  expect(groupOf(object('v1'))).toBe('');
  expect(groupOf(object('batch/v1'))).toBe('batch');
});

test('a message names an object by kind, namespace and name', () => {
  expect(name(object('v1', 'kube-system'))).toBe('Thing kube-system/a');
  expect(name(object('v1'))).toBe('Thing a');
});
