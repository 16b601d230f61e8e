import { expect, test } from 'vitest';
import { PROTECTED, syncOptions } from '../../src/argo/sync-options.js';

test('an option that Argo CD does not know cannot be written', () => {
  // @ts-expect-error Argo CD ignores it without a word
  syncOptions('PreserveResourcesOnDeletion=true');
  // @ts-expect-error true is not what protects
  syncOptions('Prune=true');

  expect.assertions(0);
});

test('what must stay is kept from pruning and from deletion', () => {
  expect(syncOptions(...PROTECTED)).toEqual({ 'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false' });
});
