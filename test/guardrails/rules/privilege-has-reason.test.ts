import { describe, expect, test } from 'vitest';
import { Inspection } from '../../../src/guardrails/inspection.js';
import { privilegeHasReason } from '../../../src/guardrails/rules/privilege-has-reason.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { minimal } from '../../support/clusters.js';
import { container, daemonSet, placed, pod } from '../examples.js';

const found = (application: string, object: Manifest): readonly string[] =>
  privilegeHasReason
    .check(new Inspection({ cluster: minimal(), objects: placed([object], application) }))
    .map((violation) => `${violation.where}: ${violation.found}`);
const PRIVILEGED = { securityContext: { privileged: true } };

describe('privilege-has-reason', () => {
  test('refuses a privileged container of an Application that is not on the list', () => {
    expect(found('things', daemonSet(pod({}, PRIVILEGED)))).toEqual([
      "DaemonSet tools/thing, container 'main': expected no power over the host without a reason on the list, got privileged",
    ]);
  });

  test.each<[string, { readonly [key: string]: Json }, { readonly [key: string]: Json }]>([
    ['hostPID', { hostPID: true }, {}],
    ['hostNetwork', { hostNetwork: true }, {}],
    ['hostIPC', { hostIPC: true }, {}],
    ['capability SYS_ADMIN', {}, { securityContext: { capabilities: { add: ['CAP_SYS_ADMIN'] } } }],
    ['capability ALL', {}, { securityContext: { capabilities: { add: ['all'] } } }],
    ['seccomp Unconfined', {}, { securityContext: { seccompProfile: { type: 'Unconfined' } } }],
  ])('refuses %s', (power, ofPod, ofContainer) => {
    expect(found('things', daemonSet(pod(ofPod, ofContainer)))).toEqual([expect.stringContaining(`got ${power}`)]);
  });

  test('refuses node-bootstrap a container that stays privileged', () => {
    expect(found('node-bootstrap', daemonSet(pod({}, PRIVILEGED)))).toHaveLength(1);
    expect(found('node-bootstrap', daemonSet(pod({ hostIPC: true })))).toHaveLength(1);
  });

  test('accepts what has a reason, and a container that gives its powers away', () => {
    const bootstrap = daemonSet(pod({ hostPID: true, hostNetwork: true, initContainers: [container(PRIVILEGED)] }));
    const modest = daemonSet(
      pod({}, { securityContext: { capabilities: { drop: ['ALL'], add: ['NET_BIND_SERVICE'] } } }),
    );

    expect(found('node-bootstrap', bootstrap)).toEqual([]);
    expect(found('things', modest)).toEqual([]);
  });
});
