import { describe, expect, test } from 'vitest';
import { Inspection } from '../../../src/guardrails/inspection.js';
import { privilegeHasReason } from '../../../src/guardrails/rules/privilege-has-reason.js';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import { minimal } from '../../support/clusters.js';
import { annotated, daemonSet, placed, pod } from '../examples.js';

const found = (object: Manifest): readonly string[] =>
  privilegeHasReason
    .check(new Inspection({ cluster: minimal(), objects: placed([object]) }))
    .map((violation) => `${violation.where}: ${violation.found}`);

/** A pod with nothing beyond the ordinary, with these fields on top. */
function modest(
  ofPod: { readonly [key: string]: Json } = {},
  context: { readonly [key: string]: Json } = {},
  fields: { readonly [key: string]: Json } = {},
): Manifest {
  return daemonSet(
    pod(
      { automountServiceAccountToken: false, securityContext: { runAsNonRoot: true }, ...ofPod },
      {
        resources: { requests: { cpu: '1m', memory: '1Mi' }, limits: { cpu: '1m', memory: '1Mi' } },
        ...fields,
        securityContext: {
          allowPrivilegeEscalation: false,
          readOnlyRootFilesystem: true,
          capabilities: { drop: ['ALL'] },
          seccompProfile: { type: 'RuntimeDefault' },
          ...context,
        },
      },
    ),
  );
}

describe('privilege-has-reason', () => {
  test.each<[string, Manifest]>([
    ['host-pid', modest({ hostPID: true })],
    ['host-network', modest({ hostNetwork: true })],
    ['host-ipc', modest({ hostIPC: true })],
    ['token', modest({ automountServiceAccountToken: true })],
    ['host-path-etc', modest({ volumes: [{ name: 'etc', hostPath: { path: '/etc' } }] })],
    ['main.privileged', modest({}, { privileged: true })],
    ['main.root', modest({}, { runAsUser: 0 })],
    ['main.root', modest({ securityContext: {} })],
    ['main.writable-root', modest({}, { readOnlyRootFilesystem: false })],
    ['main.escalation', modest({}, { allowPrivilegeEscalation: true })],
    ['main.default-capabilities', modest({}, { capabilities: {} })],
    ['main.no-seccomp', modest({}, { seccompProfile: { type: 'Unconfined' } })],
    ['main.no-apparmor', modest({}, { appArmorProfile: { type: 'Unconfined' } })],
    ['main.no-apparmor', modest({ securityContext: { runAsNonRoot: true, appArmorProfile: { type: 'Unconfined' } } })],
    ['main.no-cpu-limit', modest({}, {}, { resources: {} })],
    ['main.capability-sys-admin', modest({}, { capabilities: { drop: ['all'], add: ['CAP_SYS_ADMIN'] } })],
  ])('refuses %s without a reason', (id, object) => {
    expect(found(object)).toEqual([`DaemonSet tools/thing: expected a reason for '${id}', got null`]);
  });

  test('refuses AppArmor switched off as before Kubernetes 1.30', () => {
    const object = modest();
    const template = {
      metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/main': 'unconfined' } },
    };
    const { spec } = object as { spec: { template: { spec: Json } } } & Manifest; // as daemonSet() makes it

    expect(found({ ...object, spec: { template: { ...template, spec: spec.template.spec } } })).toEqual([
      "DaemonSet tools/thing: expected a reason for 'main.no-apparmor', got null",
    ]);
  });

  test.each(['', 'because'])('refuses %j as a reason', (reason) => {
    const object = annotated(modest({ hostPID: true }), { 'privilege.selfheal.dev/host-pid': reason });

    expect(found(object)).toHaveLength(1);
  });

  test('refuses a reason whose privilege is gone', () => {
    const object = annotated(modest(), { 'privilege.selfheal.dev/host-pid': 'it looks at processes' });

    expect(found(object)).toEqual([
      "DaemonSet tools/thing: expected a reason only for what the pod has, got one for 'host-pid'",
    ]);
  });

  test('accepts what has a reason, and a pod that has nothing', () => {
    const object = annotated(modest({ hostPID: true }), { 'privilege.selfheal.dev/host-pid': 'it looks at processes' });

    expect(found(object)).toEqual([]);
    expect(found(modest())).toEqual([]);
  });

  test("asks nothing of somebody else's pod but about its power over the host", () => {
    const foreign = { 'selfheal.dev/foreign': 'whole' };

    expect(found(annotated(daemonSet(pod()), foreign))).toEqual([]);
    expect(found(annotated(daemonSet(pod({ hostPID: true })), foreign))).toHaveLength(1);
  });
});
