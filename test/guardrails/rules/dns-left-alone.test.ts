import { describe, expect, test } from 'vitest';
import { dnsLeftAlone } from '../../../src/guardrails/rules/dns-left-alone.js';
import { clusterOf, foundIn } from '../examples.js';

describe('dns-left-alone', () => {
  test('warns where several nodes share one CoreDNS', () => {
    expect(dnsLeftAlone.severity).toBe('warning');
    expect(foundIn(dnsLeftAlone, [], clusterOf(['a', 'b']))).toEqual([
      'dns: expected CoreDNS on two of the 2 nodes, got nothing (the distribution installs one replica)',
    ]);
  });

  test('says nothing of one node, or where DNS is described', () => {
    expect(foundIn(dnsLeftAlone, [], clusterOf(['a']))).toEqual([]);
    expect(foundIn(dnsLeftAlone, [], clusterOf(['a', 'b'], { dns: {} }))).toEqual([]);
  });
});
