/** What `selfheal vet` says of objects happens on a real Argo CD: what goes, what is refused, what is let in. */
import { expect, test } from 'vitest';
import { VET_RULES } from '../../../src/ops/vet/index.js';
import { ofApplications } from './cases/applications.js';
import { CARRIED_OUT } from './cases/refused.js';
import { REMOVED } from './cases/removed.js';
import { confirm } from './suite.js';

const CASES = [...REMOVED, ...CARRIED_OUT];

test('every rule is confirmed, here or with the Applications', () => {
  const confirmed = [...CASES, ...ofApplications('')].map(({ rule }) => rule);

  expect([...confirmed].sort()).toEqual(VET_RULES.map(({ id }) => id).sort());
});

confirm({ casesOf: () => CASES });
