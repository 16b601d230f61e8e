import { describe, expect, test } from 'vitest';
import { argoView } from '../../../src/ops/drift/argo-view.js';
import { notLookedFor } from '../../../src/ops/drift/staleness.js';
import { liveObject } from './live.js';
import { application, viewOf } from './views.js';

const heard = (...times: readonly string[]) => ({
  ok: true as const,
  value: times.map((lastHeartbeatTime) =>
    liveObject({
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: 'jarvis' },
      status: { conditions: [{ type: 'Ready', lastHeartbeatTime }] },
    }),
  ),
});
const looked = (reconciledAt: string) => viewOf({ reconciledAt });
const NOON = '2025-11-22T12:00:00Z';

describe('nothing is said', () => {
  test.each([
    ['of a look that is as old as the last word of the nodes', [looked(NOON)], heard(NOON)],
    ['within the hour', [looked('2025-11-22T11:00:00Z')], heard(NOON)],
    ['where the nodes have been silent for longer', [looked(NOON)], heard('2025-11-21T12:00:00Z')],
    ['where neither nodes nor other Applications say what time it is', [looked(NOON)], heard()],
    [
      'of an Application that was never compared, or could not be read',
      [looked(''), argoView(application(), undefined)],
      heard(NOON),
    ],
  ])('%s', (_, views, nodes) => {
    expect(notLookedFor(views, nodes)).toEqual([]);
  });
});

describe('what Argo CD says is old', () => {
  const old = looked('2025-11-22T10:59:59Z');

  test('where one of the nodes was heard of more than an hour later', () => {
    expect(notLookedFor([old], heard('2025-11-22T01:00:00Z', NOON))).toMatchObject([
      { subject: 'Application argocd/selfheal-coredns', why: expect.stringContaining('more than 60 minutes') },
    ]);
  });

  test('where it has looked at another Application since, and the nodes could not be read', () => {
    const failure = { kind: 'forbidden', message: '403' } as const;

    expect(notLookedFor([old, looked(NOON)], { ok: false, failure })).toHaveLength(1);
  });
});
