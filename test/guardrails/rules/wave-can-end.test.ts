import { describe, expect, test } from 'vitest';
import { Inspection } from '../../../src/guardrails/inspection.js';
import { waveCanEnd } from '../../../src/guardrails/rules/wave-can-end.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { minimal } from '../../support/clusters.js';
import {
  annotated,
  application,
  configMap,
  cronJob,
  daemonSet,
  findings,
  foundIn,
  manifest,
  placed,
} from '../examples.js';

const inWave = (wave: string, object: Manifest) => annotated(object, { 'argocd.argoproj.io/sync-wave': wave });
const hook = (spec = {}) =>
  annotated(manifest('batch/v1', 'Job', 'check', { spec }), { 'argocd.argoproj.io/hook': 'PreSync' });

describe('wave-can-end', () => {
  test('refuses a wave behind a DaemonSet', () => {
    expect(foundIn(waveCanEnd, [daemonSet(), inWave('1', configMap({}))])).toEqual([
      'DaemonSet tools/thing: expected to be in the last wave (one dead node keeps it Progressing), got wave 0 with ConfigMap tools/scripts behind it',
    ]);
  });

  test.each([
    ['a CronJob', cronJob()],
    ['an Application', application('x')],
    ['a LoadBalancer', manifest('v1', 'Service', 's', { spec: { type: 'LoadBalancer' } })],
  ])('refuses a wave behind %s', (_, object) => {
    expect(findings(waveCanEnd, [inWave('-1', object), configMap({})])).toHaveLength(1);
  });

  test('accepts the same wave for all, waves behind what has no health, and a last wave of anything', () => {
    expect(foundIn(waveCanEnd, [inWave('5', daemonSet()), inWave('5', configMap({}))])).toEqual([]);
    expect(foundIn(waveCanEnd, [configMap({}), inWave('1', cronJob()), inWave('1', daemonSet())])).toEqual([]);
  });

  test('compares waves within one Application only', () => {
    const objects = [...placed([daemonSet()], 'one'), ...placed([inWave('1', configMap({}))], 'two')];

    expect(waveCanEnd.check(new Inspection({ cluster: minimal(), objects }))).toEqual([]);
  });

  test('refuses a hook that may run for ever, and accepts one with a deadline', () => {
    expect(foundIn(waveCanEnd, [hook()])).toEqual([
      'Job tools/check: expected a hook that ends by itself, got no activeDeadlineSeconds',
    ]);
    expect(foundIn(waveCanEnd, [hook({ activeDeadlineSeconds: 60 })])).toEqual([]);
  });
});
