import { describe, expect, test } from 'vitest';
import { noNfsEgress } from '../../../src/guardrails/rules/no-nfs-egress.js';
import type { Json } from '../../../src/manifest/manifest.js';
import { findings, foundIn, manifest } from '../examples.js';

const policy = (spec: { readonly [key: string]: Json }) =>
  manifest('networking.k8s.io/v1', 'NetworkPolicy', 'out', { spec: { podSelector: {}, ...spec } });

const egress = (...ports: readonly Json[]) => policy({ policyTypes: ['Egress'], egress: [{ ports }] });

describe('no-nfs-egress', () => {
  test('refuses the policy that let the backup out to its NFS server', () => {
    expect(foundIn(noNfsEgress, [egress({ protocol: 'TCP', port: 2049 })])).toEqual([
      'NetworkPolicy tools/out: expected no egress to port 2049 (NFS), got {"protocol":"TCP","port":2049}',
    ]);
  });

  test.each<[string, Json]>([
    ['a range that holds it', { port: 2000, endPort: 2100 }],
    ['the port by name', { port: 'nfs' }],
    ['the port mapper', { port: 111 }],
  ])('refuses %s', (_, port) => {
    expect(findings(noNfsEgress, [egress(port)])).toHaveLength(1);
  });

  test('accepts egress to SSH and to ranges beside it, and ingress to 2049', () => {
    const objects = [
      egress({ port: 22 }, { port: 2000, endPort: 2048 }, { port: 'https' }),
      policy({ policyTypes: ['Ingress'], ingress: [{ ports: [{ port: 2049 }] }] }),
    ];

    expect(foundIn(noNfsEgress, objects)).toEqual([]);
  });
});
