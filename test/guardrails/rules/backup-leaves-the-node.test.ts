import { describe, expect, test } from 'vitest';
import { backupLeavesTheNode } from '../../../src/guardrails/rules/backup-leaves-the-node.js';
import { minimal } from '../../support/clusters.js';
import { foundIn } from '../examples.js';

const backingUpTo = (host: string) =>
  minimal({
    backup: {
      from: 'lamp',
      to: { host, user: 'b', path: '/backup', hostKey: `ssh-ed25519 AAAA${'b'.repeat(60)}` },
      at: '02:30',
      bandwidthLimitKibPerSecond: 5000,
      keySecret: { name: 'ssh', key: 'id' },
    },
  });

describe('backup-leaves-the-node', () => {
  test.each(['192.0.2.7', 'lamp', 'lamp.lan', 'localhost', '127.0.0.1'])(
    'refuses %s, which is the node itself',
    (host) => {
      expect(foundIn(backupLeavesTheNode, [], backingUpTo(host))).toEqual([
        `backup.to.host: expected another machine than lamp (192.0.2.7), got "${host}"`,
      ]);
    },
  );

  test.each(['192.0.2.70', 'lampion.lan', 'nas.lan'])('accepts %s', (host) => {
    expect(foundIn(backupLeavesTheNode, [], backingUpTo(host))).toEqual([]);
  });

  test('asks nothing of a cluster without a backup', () => {
    expect(foundIn(backupLeavesTheNode, [])).toEqual([]);
  });
});
