import { describe, expect, test } from 'vitest';
import { knownSyncOptions } from '../../../src/guardrails/rules/known-sync-options.js';
import { annotated, application, configMap, foundIn } from '../examples.js';

const syncing = (...syncOptions: string[]) => application('layer', { syncPolicy: { syncOptions } });
const withOptions = (options: string) => annotated(configMap({}), { 'argocd.argoproj.io/sync-options': options });

describe('known-sync-options', () => {
  test.each(['preserveResourcesOnDeletion=true', 'IgnoreMissingTemplate=true', 'ServerSideApply', 'Validate=false'])(
    'refuses %s among the options of an Application',
    (option) => {
      expect(foundIn(knownSyncOptions, [syncing('ServerSideApply=true', option)])).toEqual([
        expect.stringMatching(
          /^Application argocd\/selfheal-layer: expected a sync option that Argo CD knows there \(.*\), got "/,
        ),
      ]);
    },
  );

  test.each(['Prune=False', 'prune=false', 'CreateNamespace=true'])(
    'refuses %s among the options of an object',
    (option) => {
      expect(foundIn(knownSyncOptions, [withOptions(`Delete=false, ${option}`)])).toEqual([
        expect.stringContaining(`got "${option}"`),
      ]);
    },
  );

  test.each([
    [{ 'argocd.argoproj.io/sync-option': 'Prune=false' }, 'an annotation'],
    [{ 'argocd.argoproj.io/compare-options': 'ServerSideDif=true' }, 'a compare option'],
    [{ 'argocd.argoproj.io/sync-wave': 'first' }, 'a wave'],
  ])('refuses the annotation %j', (annotations, what) => {
    expect(foundIn(knownSyncOptions, [annotated(configMap({}), annotations)])).toEqual([
      expect.stringContaining(`expected ${what} that Argo CD knows there`),
    ]);
  });

  test('accepts known words in their places', () => {
    const objects = [
      syncing('ServerSideApply=true', 'FailOnSharedResource=true'),
      annotated(withOptions('Prune=false, Delete=false,Validate=false'), {
        'argocd.argoproj.io/sync-wave': '-1',
        'argocd.argoproj.io/compare-options': 'ServerSideDiff=true',
        'argocd.argoproj.io/ignore-healthcheck': 'true',
        'example.org/sync-options': 'anything',
      }),
    ];

    expect(foundIn(knownSyncOptions, objects)).toEqual([]);
  });
});
