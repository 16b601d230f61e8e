import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { NOTHING } from '../../../src/host/host-state.js';
import { payloadKey, payloadOf } from '../../../src/layers/node-bootstrap/payload.js';
import { groupWith } from './fake-host.js';

const PI = groupWith('piboot');
const file = (path: string, content = '') => ({ path, mode: '0644', content }) as const;

test('refuses more than a ConfigMap holds, and names the largest part', () => {
  const files = [file('/etc/small', 'x'), file('/etc/large', 'ü'.repeat(600_000))];

  expect(() => payloadOf(PI, { ...NOTHING, files })).toThrow(
    /^ConfigMap 'lamp-node-bootstrap': expected at most 1048576 bytes, got \d+ \(the largest part is host_etc_large with 1200000\)$/,
  );
});

test('refuses two paths that would travel under one key', () => {
  expect(() => payloadOf(PI, { ...NOTHING, files: [file('/etc/a/b'), file('/etc/a_b')] })).toThrow(
    'expected a key of its own for each path, got "host_etc_a_b" twice',
  );
});

test('gives every path a key that a ConfigMap takes', () => {
  expect(payloadKey('/etc/systemd/system/a@b.service')).toBe('host_etc_systemd_system_a_b.service');
});

test('carries every script of the layer but that of a Job of a roll, and every file, each with its exact content', () => {
  const payload = payloadOf(PI, { ...NOTHING, files: [file('/etc/x', 'content\n')] });
  const scripts = readdirSync('src/layers/node-bootstrap/scripts').filter((name) => name !== 'host-reboot.sh');

  expect(scripts.length).toBeGreaterThan(5);
  const shared = ['nat-rules.sh', 'unit-log.sh', 'watchdog-report.sh'];
  expect([...payload.keys()].sort()).toEqual([...scripts, ...shared, 'plan', 'host_etc_x'].sort());
  expect(payload.get('host_etc_x')).toBe('content\n');
});
