/** What vet cannot tell of a live cluster, and that it never counts as clean. */
import { describe, expect, test } from 'vitest';
import type { Failure } from '../../../src/manifest/live-object.js';
import { vetChange } from '../../../src/ops/vet/index.js';
import type { LiveLook } from '../../../src/ops/vet/live.js';
import { jsonReport, markdownReport, statusOf, textReport } from '../../../src/ops/vet/report.js';
import { sarifReport } from '../../../src/ops/vet/sarif.js';
import { liveObject } from '../drift/live.js';
import { configMap, lookAt, object, type Side, synced, treeOf } from './example.js';

const SETTINGS = configMap('settings');
const KEY = object('v1', 'Secret', 'key', { type: 'Opaque' });
const IN_STEP = synced({ kind: 'Secret', name: 'key' });

const failed = (look: LiveLook, failure: Failure, where: 'live' | 'applied'): LiveLook => ({
  ...look,
  objects: look.objects.map((facts) =>
    where === 'live'
      ? { ...facts, live: { ok: false, failure }, applied: null }
      : { ...facts, applied: { result: { ok: false, failure }, by: 'dry-run' } },
  ),
});

const unknown = (
  base: Side,
  head: Side,
  live: Parameters<typeof lookAt>[1],
  change = (look: LiveLook): LiveLook => look,
) => {
  const now = treeOf(head);
  const look = change(lookAt(now, live));
  return vetChange(treeOf(base), now, { live: look }).unknown.map(({ subject, why }) => `${subject}: ${why}`);
};

describe('what is not known', () => {
  const side = { objects: [SETTINGS] };

  test('is an object that cannot be read', () => {
    const forbidden: Failure = { kind: 'forbidden', message: 'get configmaps/settings: not allowed' };

    expect(unknown(side, side, [], (look) => failed(look, forbidden, 'live'))).toEqual([
      'ConfigMap tools/settings: get configmaps/settings: not allowed',
    ]);
  });

  test('is what the API server refuses, which is never applied', () => {
    const refused: Failure = { kind: 'refused', message: 'dry run: field is immutable' };

    expect(unknown(side, side, [liveObject(SETTINGS)], (look) => failed(look, refused, 'applied'))).toEqual([
      'ConfigMap tools/settings: the API server refuses it as it is in head: dry run: field is immutable',
    ]);
  });

  test('is not an object that nobody has created yet', () => {
    expect(unknown({}, side, [])).toEqual([]);
  });

  test.each([
    ['that Argo CD does not know', { objects: [KEY] }, { objects: [KEY] }, [synced()]],
    ['whose Application is not there', { objects: [KEY] }, { objects: [KEY] }, []],
    ['that the change changes', { objects: [KEY] }, { objects: [{ ...KEY, type: 'x/y' }] }, [IN_STEP]],
    ['that the change brings', {}, { objects: [KEY] }, [IN_STEP]],
  ])('is a Secret %s', (_, base, head, live) => {
    expect(unknown(base, head, live)).toEqual([expect.stringMatching(/^Secret tools\/key: Secrets are not read/)]);
  });

  test('is no Secret that stays, and that Argo CD calls synced', () => {
    expect(unknown({ objects: [KEY] }, { objects: [KEY] }, [IN_STEP])).toEqual([]);
  });
});

describe('a report with something unknown', () => {
  const report = {
    base: 'HEAD',
    head: 'dist',
    findings: [],
    unknown: ['a', 'b'].map((name) => ({ subject: `ConfigMap tools/${name}`, why: 'get x: *not* allowed' })),
  };

  test('ends with 2, where without it it ends with 0', () => {
    expect(statusOf(report)).toBe(2);
    expect(statusOf({ ...report, unknown: [] })).toBe(0);
  });

  test('says so as text, once for one reason', () => {
    expect(textReport(report)).toEqual([
      'cannot tell, of the live cluster:',
      '  ConfigMap tools/a, ConfigMap tools/b: *not* allowed',
      '0 errors, 0 warnings, 2 things that cannot be told: from HEAD to dist',
    ]);
  });

  test('says so in markdown, which it cannot break', () => {
    expect(markdownReport(report).slice(1)).toEqual([
      '',
      '**Cannot tell, of the live cluster**',
      '',
      '- ConfigMap tools/a, ConfigMap tools/b: \\*not\\* allowed',
    ]);
  });

  test('says so to programs', () => {
    expect(JSON.parse(jsonReport(report)).unknown).toEqual(report.unknown);
    expect(JSON.parse(sarifReport(report)).runs[0].invocations).toMatchObject([
      { executionSuccessful: false, toolExecutionNotifications: [{ level: 'error' }, { level: 'error' }] },
    ]);
  });
});
