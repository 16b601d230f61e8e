import { describe, expect, test } from 'vitest';
import type { LiveObject } from '../../../../src/manifest/live-object.js';
import { cordonsCheck } from '../../../../src/ops/check/checks/cordons.js';
import { MARK_ANNOTATION } from '../../../../src/ops/reboot/names.js';
import { failure, live, lookOf } from '../../../support/check-facts.js';
import { pvek8s } from '../../../support/clusters.js';

const plain = (name: string) => live('Node', name);
const cordoned = (name: string) => live('Node', name, { spec: { unschedulable: true } });
const marked = (name: string, mark: string, unschedulable = true): LiveObject =>
  live('Node', name, { metadata: { annotations: { [MARK_ANNOTATION]: mark } }, spec: { unschedulable } });
const answer = (nodes: Parameters<typeof lookOf>[1]['nodes'], node: string | null = null) =>
  cordonsCheck.answer(lookOf({ cluster: pvek8s(), node }, { nodes }));

test('none that is cordoned passes', () => {
  expect(answer([plain('k8s01'), plain('k8s02')])).toMatchObject([{ verdict: 'pass', found: 'none is cordoned' }]);
});

test('it cannot be told without the nodes, nor from no nodes', () => {
  expect(answer(failure('list Node: 403'))).toMatchObject([{ verdict: 'unknown', found: 'list Node: 403' }]);
  expect(answer([])).toMatchObject([{ verdict: 'unknown' }]);
});

test("a person's cordon is told apart from ours", () => {
  const results = answer([cordoned('k8s01'), marked('k8s02', '{"roll":"r","step":"drain"}'), plain('k8s03')]);

  expect(results).toMatchObject([
    { verdict: 'fail', subject: 'node k8s01', next: expect.stringContaining('kubectl uncordon k8s01') },
    {
      verdict: 'fail',
      subject: 'node k8s02',
      found: 'a roll of ours works on it (drain), or was stopped',
      next: expect.stringContaining('selfheal reboot'),
    },
  ]);
});

test('our mark counts also where somebody has uncordoned the node', () => {
  expect(answer([marked('k8s01', '{}', false)])).toMatchObject([{ verdict: 'fail', subject: 'node k8s01' }]);
});

test('a mark that nobody can read is quoted nowhere', () => {
  const [result] = answer([marked('k8s01', '{"step":"\u001b[2J<script>"}')]);

  expect(result?.verdict).toBe('fail');
  expect(JSON.stringify(result)).not.toContain('script');
});

describe('a node that is to go down', () => {
  test.each([
    ['cordoned by a person', cordoned('k8s02'), 'not by us'],
    ['marked by us', marked('k8s02', '{"step":"verify"}'), 'by a roll of ours'],
  ])('may be %s itself', (_, own, said) => {
    expect(answer([plain('k8s01'), own], 'k8s02')).toMatchObject([
      { verdict: 'pass', found: expect.stringContaining(said) },
    ]);
  });

  test('must not while another is out of service', () => {
    expect(answer([cordoned('k8s01'), cordoned('k8s02')], 'k8s02')).toMatchObject([
      { verdict: 'fail', subject: 'node k8s01', expected: 'no node but k8s02 out of service' },
    ]);
  });
});
