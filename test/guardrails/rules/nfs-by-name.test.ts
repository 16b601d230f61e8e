import { describe, expect, test } from 'vitest';
import { nfsByName } from '../../../src/guardrails/rules/nfs-by-name.js';
import { minimal } from '../../support/clusters.js';
import { foundIn } from '../examples.js';

describe('nfs-by-name', () => {
  test('warns of a kernel NFS mount that was asked for', () => {
    const cluster = minimal({
      longhorn: { version: '1.11.3', backupTarget: { kind: 'kernel-nfs', server: 'nas.lan', path: '/backup' } },
    });

    expect(nfsByName.severity).toBe('warning');
    expect(foundIn(nfsByName, [], cluster)).toEqual([
      'longhorn.backupTarget: expected no kernel NFS mount, got kind "kernel-nfs" (server "nas.lan")',
    ]);
  });

  test('says nothing of a cluster without one', () => {
    const cluster = minimal({ longhorn: { version: '1.11.3', backupTarget: { kind: 'none' } } });

    expect(foundIn(nfsByName, [], cluster)).toEqual([]);
    expect(foundIn(nfsByName, [])).toEqual([]);
  });
});
