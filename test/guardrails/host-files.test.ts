import { describe, expect, test } from 'vitest';
import { hostPayloadsOf, settingsIn } from '../../src/guardrails/host-files.js';
import { minimal } from '../support/clusters.js';
import { configMap, daemonSet, placed, pod } from './examples.js';

describe('hostPayloadsOf', () => {
  test('knows the host group whose DaemonSet mounts a ConfigMap, and of others that there is none', () => {
    const cluster = minimal({ hosts: [{ nodes: ['lamp'] }] });
    const objects = placed([
      daemonSet(pod({ volumes: [{ name: 'p', configMap: { name: 'files' } }] }), {}, 'lamp-node-bootstrap'),
      configMap({ 'a.conf': 'A=1\n' }, 'files'),
      configMap({}, 'others'),
    ]);

    const payloads = hostPayloadsOf(cluster, objects);

    expect(payloads.map(({ where, group }) => [where, group?.name])).toEqual([
      ['ConfigMap tools/files', 'lamp-node-bootstrap'],
      ['ConfigMap tools/others', undefined],
    ]);
    expect(payloads[0]?.texts.map(({ text }) => text)).toEqual(['A=1\n']);
  });
});

describe('settingsIn', () => {
  test('reads values with and without blanks, and no comments', () => {
    const text = 'A=1\n  B.c = two words \n# A=3\nD=4\n';

    expect(settingsIn(text, /^(A|B\.c)$/)).toEqual([
      { name: 'A', value: '1' },
      { name: 'B.c', value: 'two words' },
    ]);
  });
});
