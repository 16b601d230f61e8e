/** What `selfheal vet` says of Applications, and of what somebody mended by hand, happens on a real Argo CD. */
import { expect, test } from 'vitest';
import { ELSEWHERE, KEPT_IN, ofApplications, SLOW } from './cases/applications.js';
import { confirm } from './suite.js';

const stage = confirm({ casesOf: ofApplications, helpers: [SLOW, KEPT_IN], others: ELSEWHERE });

test('what somebody mended by hand is told to who may only read as to an administrator', () => {
  const [admin, reader] = stage().live.map(({ findings }) =>
    findings.filter(({ rule }) => rule === 'live-fix-reverted').map(({ object, found }) => `${object}: ${found}`),
  );

  expect(admin).toEqual([
    expect.stringMatching(
      /^ConfigMap vet-live-fix-reverted\/mended: expected data.key to stay as it is live, "by hand" \(by kubectl-patch, \S+Z\), but live-fix-reverted makes it "1"$/,
    ),
  ]);
  expect(reader).toEqual(admin);
});

test('nothing of what is live is unknown to either', () => {
  expect(stage().live.map(({ unknown }) => unknown)).toEqual([[], []]);
});
