import { describe, expect, test } from 'vitest';
import { foreignObjectProtected } from '../../../src/guardrails/rules/foreign-object-protected.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { annotated, application, deployment, FOREIGN_PARTIAL, foundIn, inNamespace, manifest } from '../examples.js';

const coredns = inNamespace(deployment({}, {}, 'coredns'), 'kube-system');
const patch = annotated(coredns, FOREIGN_PARTIAL);
const SYNC = { automated: { prune: false, selfHeal: true }, retry: { limit: -1 } };
const holder = (syncPolicy: object, metadata = {}): Manifest =>
  application('things', { syncPolicy: { ...SYNC, ...syncPolicy } }, metadata);
const HOLDS = '(it holds patches of foreign objects)';

describe('foreign-object-protected', () => {
  test.each([
    ['Prune=false,ServerSideApply=true', 'Delete=false'],
    ['Delete=false,ServerSideApply=true', 'Prune=false'],
    ['Prune=false,Delete=false', 'ServerSideApply=true'],
  ])('refuses a foreign object with %s only', (options, missing) => {
    const object = annotated(patch, { 'argocd.argoproj.io/sync-options': options });

    expect(foundIn(foreignObjectProtected, [object, holder({})])).toEqual([
      `Deployment kube-system/coredns: expected a foreign object with sync options ${missing}, got ${JSON.stringify(options.split(','))}`,
    ]);
  });

  test('refuses CoreDNS as an object of our own', () => {
    expect(foundIn(foreignObjectProtected, [coredns])).toEqual([
      'Deployment kube-system/coredns: expected a patch of what somebody else brings (annotation selfheal.dev/foreign), got an object of our own that Argo CD may prune',
    ]);
  });

  test.each([
    inNamespace(deployment({}, {}, 'csi-attacher'), 'longhorn-system'),
    manifest('longhorn.io/v1beta2', 'BackupTarget', 'default', {}, 'longhorn-system'),
    manifest('v1', 'ConfigMap', 'coredns', {}, 'kube-system'),
    manifest('apps/v1', 'DaemonSet', 'calico-node', {}, 'kube-system'),
  ])('refuses $kind $metadata.name as an object of our own', (object) => {
    expect(foundIn(foreignObjectProtected, [object])).toHaveLength(1);
  });

  test.each<[string, Manifest, string]>([
    ['prunes', holder({ automated: { prune: true, selfHeal: true } }), `expected prune false, got true ${HOLDS}`],
    [
      'gives up',
      holder({ retry: { limit: 5 } }),
      `expected retry.limit -1 (a revision whose retries ran out is never tried again), got 5 ${HOLDS}`,
    ],
    [
      'does not heal',
      holder({ automated: { prune: false } }),
      `expected automated.selfHeal true, got something else ${HOLDS}`,
    ],
    [
      'deletes with a finalizer',
      holder({}, { finalizers: ['resources-finalizer.argocd.argoproj.io'] }),
      `expected no finalizer, got ["resources-finalizer.argocd.argoproj.io"] ${HOLDS}`,
    ],
  ])('refuses a patch whose Application %s', (_, argo, found) => {
    expect(foundIn(foreignObjectProtected, [patch, argo])).toEqual([`Application argocd/selfheal-things: ${found}`]);
  });

  test('refuses a patch that no Application syncs', () => {
    expect(foundIn(foreignObjectProtected, [patch])).toEqual([
      "folder 'things': expected an Application that syncs the foreign objects, got none",
    ]);
  });

  test('accepts a protected patch in a patient Application, and objects of our own beside foreign ones', () => {
    const ours = [
      manifest('longhorn.io/v1beta2', 'RecurringJob', 'daily-snapshot', {}, 'longhorn-system'),
      inNamespace(deployment({}, {}, 'local-path-backup'), 'kube-system'),
      manifest('v1', 'ConfigMap', 'coredns-custom', {}, 'kube-system'),
    ];

    expect(foundIn(foreignObjectProtected, [patch, holder({}), ...ours])).toEqual([]);
  });
});
