import { expect, test } from 'vitest';
import { parseCluster } from '../../../src/cluster/parse/cluster.js';
import { MINIMAL_SPEC, parsed } from '../../support/clusters.js';

const spec = (longhorn: object) => ({
  ...MINIMAL_SPEC,
  longhorn: { version: '1.11.3', backupTarget: { kind: 'none' }, ...longhorn },
});

test.each([
  '',
  'Media/downloads',
  'media/',
  '/downloads',
  'media/down loads',
  'a/b/c',
  'media/*',
  'media"}',
  '-volume',
])('refuses %j as the name of a volume', (name) => {
  expect(parseCluster(spec({ excludeVolumes: [name] }))).toEqual({
    ok: false,
    issues: [
      {
        path: 'longhorn.excludeVolumes[0]',
        message: `expected a claim with its namespace, e.g. "media/downloads", or the name of a volume, got ${JSON.stringify(name)}`,
      },
    ],
  });
});

test('refuses a volume that is excluded twice', () => {
  expect(parseCluster(spec({ excludeVolumes: ['media/a', 'scratch', 'media/a'] }))).toMatchObject({
    ok: false,
    issues: [{ path: 'longhorn.excludeVolumes[2]' }],
  });
});

test('refuses another word for detached volumes', () => {
  expect(parseCluster(spec({ detachedVolumes: 'exclude' }))).toMatchObject({
    ok: false,
    issues: [{ path: 'longhorn.detachedVolumes' }],
  });
});

test('tells claims from volumes that have none', () => {
  const { longhorn } = parsed(spec({ excludeVolumes: ['media/data-web-0', 'pvc-8b9cd514-4572', 'old.volume'] }));

  expect(longhorn?.excludeVolumes).toEqual([
    { kind: 'claim', namespace: 'media', claim: 'data-web-0' },
    { kind: 'volume', name: 'pvc-8b9cd514-4572' },
    { kind: 'volume', name: 'old.volume' },
  ]);
});

test('includes detached volumes and excludes none where nothing is said', () => {
  expect(parsed(spec({})).longhorn).toMatchObject({ detachedVolumes: 'include', excludeVolumes: [] });
});
