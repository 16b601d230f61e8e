import { describe, expect, test } from 'vitest';
import { settingsIn } from '../../src/guardrails/host-files.js';
import { Inspection } from '../../src/guardrails/inspection.js';
import { minimal } from '../support/clusters.js';
import { configMap, daemonSet, placed, pod } from './examples.js';

describe('the payloads of an inspection', () => {
  test('knows the host group whose DaemonSet mounts a ConfigMap, and of others that there is none', () => {
    const cluster = minimal({ hosts: [{ nodes: ['lamp'] }] });
    const objects = placed([
      daemonSet(pod({ volumes: [{ name: 'p', configMap: { name: 'files' } }] }), {}, 'lamp-node-bootstrap'),
      configMap({ 'a.conf': 'A=1\n' }, 'files'),
      configMap({ b: 'B=1\n' }, 'others'),
    ]);

    const { payloads } = new Inspection({ cluster, objects });

    expect(payloads.map(({ where, group }) => [where, group?.name])).toEqual([
      ['ConfigMap tools/files', 'lamp-node-bootstrap'],
      ['ConfigMap tools/others', undefined],
    ]);
    expect(payloads[0]?.settings).toEqual([{ where: "ConfigMap tools/files, key 'a.conf'", name: 'A', value: '1' }]);
  });

  test('looks for settings in files of settings, not in scripts', () => {
    const objects = placed([configMap({ 'run.sh': 'A=1\n', run: '#!/bin/sh\nA=1\n' })]);

    expect(new Inspection({ cluster: minimal(), objects }).payloads[0]?.settings).toEqual([]);
  });
});

describe('settingsIn', () => {
  test('reads values with and without blanks, and no comments', () => {
    const text = 'A=1\n  B.c = two words \n# A=3\nD=4\n';

    expect(settingsIn({ where: 'x', text })).toEqual([
      { where: 'x', name: 'A', value: '1' },
      { where: 'x', name: 'B.c', value: 'two words' },
      { where: 'x', name: 'D', value: '4' },
    ]);
  });
});
