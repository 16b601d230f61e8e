import { describe, expect, test } from 'vitest';
import { nfsSoftAndBounded } from '../../../src/guardrails/rules/nfs-soft-and-bounded.js';
import { minimal } from '../../support/clusters.js';
import { foundIn, manifest } from '../examples.js';

const BY_NAME = minimal({
  longhorn: { version: '1.11.3', backupTarget: { kind: 'kernel-nfs', server: 'nas.lan', path: '/backup' } },
});

const target = (options: string) =>
  manifest('longhorn.io/v1beta2', 'BackupTarget', 'default', {
    spec: { backupTargetURL: `nfs://nas.lan:/backup${options}` },
  });

describe('nfs-soft-and-bounded', () => {
  test.each([
    ['no options', '', 'soft, timeo from 1 to 600, retrans from 1 to 5'],
    ['a hard mount', '?nfsOptions=hard,timeo=100,retrans=3', 'soft'],
    ['no timeout', '?nfsOptions=soft,retrans=3', 'timeo from 1 to 600'],
    ['no bound on the tries', '?nfsOptions=soft,timeo=100', 'retrans from 1 to 5'],
    ['a timeout of an hour', '?nfsOptions=soft,timeo=36000,retrans=3', 'timeo from 1 to 600'],
  ])('refuses %s', (_, options, missing) => {
    expect(foundIn(nfsSoftAndBounded, [target(options)], BY_NAME)).toEqual([
      `BackupTarget tools/default: expected nfsOptions with ${missing}, got "nfs://nas.lan:/backup${options}"`,
    ]);
  });

  test('accepts a soft mount with bounds', () => {
    expect(foundIn(nfsSoftAndBounded, [target('?nfsOptions=soft,timeo=100,retrans=3')], BY_NAME)).toEqual([]);
  });

  test('says nothing where nobody asked for NFS: another rule refuses it there', () => {
    expect(foundIn(nfsSoftAndBounded, [target('')])).toEqual([]);
  });
});
