import { describe, expect, test } from 'vitest';
import { sshKeyPrivate } from '../../../src/guardrails/rules/ssh-key-private.js';
import type { Json } from '../../../src/manifest/manifest.js';
import { cronJob, findings, foundIn, pod } from '../examples.js';

const mounting = (volume: { readonly [key: string]: Json }, securityContext: Json = {}) =>
  cronJob({}, pod({ securityContext, volumes: [{ name: 'key', ...volume }] }));
const secret = (fields: { readonly [key: string]: Json }) => ({ secret: { secretName: 'ssh', ...fields } });

describe('ssh-key-private', () => {
  test('refuses fsGroup beside a Secret volume, also group 0', () => {
    expect(foundIn(sshKeyPrivate, [mounting(secret({ defaultMode: 0o400 }), { fsGroup: 0 })])).toEqual([
      'CronJob tools/nightly, securityContext: expected no fsGroup beside a Secret volume (it makes 0400 into 0440), got 0',
    ]);
  });

  test('refuses the default mode', () => {
    expect(foundIn(sshKeyPrivate, [mounting(secret({}))])).toEqual([
      'CronJob tools/nightly, volume "key": expected a Secret that only its owner can read, got mode 0644 (the default)',
    ]);
  });

  test.each<[string, { readonly [key: string]: Json }]>([
    ['a mode for the group', secret({ defaultMode: 0o440 })],
    ['a mode for others', secret({ defaultMode: 0o404 })],
    ['a key with a mode of its own', secret({ defaultMode: 0o400, items: [{ key: 'id', path: 'id', mode: 0o644 }] })],
    ['a projected Secret', { projected: { sources: [{ secret: { name: 'ssh' } }] } }],
  ])('refuses %s', (_, volume) => {
    expect(findings(sshKeyPrivate, [mounting(volume)])).toHaveLength(1);
  });

  test.each<[string, { readonly [key: string]: Json }]>([
    ['a mode for its owner', secret({ defaultMode: 0o400 })],
    ['modes of their own for all keys', secret({ items: [{ key: 'id', path: 'id', mode: 0o400 }] })],
    ['a projected Secret for its owner', { projected: { defaultMode: 0o400, sources: [{ secret: { name: 'ssh' } }] } }],
    ['a ConfigMap that all can read', { configMap: { name: 'scripts', defaultMode: 0o555 } }],
  ])('accepts %s', (_, volume) => {
    expect(foundIn(sshKeyPrivate, [mounting(volume)])).toEqual([]);
  });

  test('accepts fsGroup where no Secret is mounted', () => {
    expect(foundIn(sshKeyPrivate, [mounting({ emptyDir: {} }, { fsGroup: 1000 })])).toEqual([]);
  });
});
