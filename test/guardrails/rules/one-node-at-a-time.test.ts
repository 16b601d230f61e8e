import { describe, expect, test } from 'vitest';
import { oneNodeAtATime } from '../../../src/guardrails/rules/one-node-at-a-time.js';
import type { Json } from '../../../src/manifest/manifest.js';
import { clusterOf, daemonSet, findings, foundIn, manifest, pod } from '../examples.js';

const NODES = clusterOf(['server', 'agent']);
const GATE = { image: 'a:1.0', command: ['/gate'] };
const on = (...values: string[]) => ({ matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values }] });

const plan = (name: string, spec: { readonly [key: string]: Json | undefined }) =>
  manifest('upgrade.cattle.io/v1', 'Plan', name, { spec: { concurrency: 1, upgrade: GATE, ...spec } });

const bootstrap = (maxUnavailable?: Json, privileged = true) =>
  daemonSet(pod({ initContainers: [{ name: 'converge', securityContext: { privileged } }] }), {
    updateStrategy: { type: 'RollingUpdate', rollingUpdate: maxUnavailable === undefined ? {} : { maxUnavailable } },
  });

describe('one-node-at-a-time', () => {
  test.each([2, undefined])('refuses a Plan with concurrency %s', (concurrency) => {
    expect(foundIn(oneNodeAtATime, [plan('agents', { concurrency, nodeSelector: on('agent') })], NODES)).toEqual([
      `Plan tools/agents: expected concurrency 1, got ${concurrency ?? 'nothing'}`,
    ]);
  });

  test('refuses a Plan without a gate that covers control plane and workers', () => {
    expect(foundIn(oneNodeAtATime, [plan('all', {})], NODES)).toEqual([
      'Plan tools/all: expected a gate (spec.prepare) before server, agent, got none',
    ]);
  });

  test('refuses two workers in a row without a gate: the first may not be back', () => {
    const cluster = clusterOf(['server', 'one', 'two']);
    const workers = { matchExpressions: [{ key: 'node-role.kubernetes.io/control-plane', operator: 'DoesNotExist' }] };

    expect(foundIn(oneNodeAtATime, [plan('workers', { nodeSelector: workers })], cluster)).toEqual([
      'Plan tools/workers: expected a gate (spec.prepare) before one, two, got none',
    ]);
  });

  test('refuses a second Plan whose gate is missing', () => {
    const plans = [plan('agents', { nodeSelector: on('agent') }), plan('servers', { nodeSelector: on('server') })];

    expect(foundIn(oneNodeAtATime, plans, NODES)).toEqual([
      'Plan tools/servers: expected a gate (spec.prepare) before server, after Plan tools/agents, got none',
    ]);
  });

  test('refuses the control plane as the first of several that needs no gate', () => {
    const plans = [
      plan('servers', { nodeSelector: on('server') }),
      plan('agents', { nodeSelector: on('agent'), prepare: GATE }),
    ];

    expect(findings(oneNodeAtATime, plans, NODES)).toHaveLength(1);
  });

  test('accepts one worker without a gate and everything else behind one', () => {
    const plans = [
      plan('agents', { nodeSelector: on('agent') }),
      plan('servers', { nodeSelector: on('server'), prepare: GATE }),
    ];

    expect(foundIn(oneNodeAtATime, plans, NODES)).toEqual([]);
    expect(foundIn(oneNodeAtATime, [plan('all', { prepare: GATE })], NODES)).toEqual([]);
    expect(foundIn(oneNodeAtATime, [plan('only', {})], clusterOf(['server']))).toEqual([]);
  });

  test.each<Json>([2, '100%', '60%'])('refuses a privileged DaemonSet that rolls with maxUnavailable %s', (value) => {
    expect(findings(oneNodeAtATime, [bootstrap(value)], NODES)).toHaveLength(1);
  });

  test.each<Json | undefined>([undefined, 1, '50%'])(
    'accepts a privileged DaemonSet with maxUnavailable %s',
    (value) => {
      expect(foundIn(oneNodeAtATime, [bootstrap(value)], NODES)).toEqual([]);
    },
  );

  test('accepts any pace of a DaemonSet without power over the host', () => {
    expect(foundIn(oneNodeAtATime, [bootstrap('100%', false)], NODES)).toEqual([]);
  });
});
