import { describe, expect, test } from 'vitest';
import { backupLeavesTheNode } from '../../../src/guardrails/rules/backup-leaves-the-node.js';
import { OFFSITE, whole } from '../../layers/backup/backups.js';
import { homelab, minimal } from '../../support/clusters.js';
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

  test.each([
    ['the first machine', '192.0.2.20', 'than that of backup.to (192.0.2.20)'],
    ['the node itself', 'lamp.lan', 'than node lamp (192.0.2.7)'],
    ['the node itself by its loopback address', '127.0.0.1', 'than node lamp (192.0.2.7)'],
  ])('refuses a second place that is %s', (_, host, than) => {
    const cluster = whole({ offsite: { ...OFFSITE, to: { ...OFFSITE.to, host } } });

    expect(foundIn(backupLeavesTheNode, [], cluster)).toEqual([
      `backup.offsite.to.host: expected another machine ${than}, got "${host}"`,
    ]);
  });

  test('refuses a second place that is the first one by another name', () => {
    const { backup, ...others } = homelab();
    if (backup?.form !== 'snapshots') throw new Error('homelab: expected snapshots');
    const cluster = {
      ...others,
      backup: { ...backup, offsite: { ...backup, to: { ...backup.to, host: 'Ultron.lan' } } },
    };

    expect(foundIn(backupLeavesTheNode, [], cluster)).toEqual([
      'backup.offsite.to.host: expected another machine than that of backup.to (10.0.1.11), got "Ultron.lan"',
    ]);
  });

  test('accepts a second place that is a third machine', () => {
    expect(foundIn(backupLeavesTheNode, [], whole())).toEqual([]);
  });

  test('asks nothing of a cluster without a backup', () => {
    expect(foundIn(backupLeavesTheNode, [])).toEqual([]);
  });
});
