import { App } from 'cdk8s';
import { expect, test } from 'vitest';
import { ApplicationChart, type Ownership } from '../../src/argo/application-chart.js';
import { ForeignPatch } from '../../src/argo/foreign-patch.js';

const chart = (ownership: Ownership): ApplicationChart =>
  new ApplicationChart(new App(), 'coredns', { ownership, description: 'DNS', namespaces: ['kube-system'] });

const manifest = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'coredns', namespace: 'kube-system', annotations: { theirs: 'stays' } },
  spec: { replicas: 2 },
};

test.each(['owned', 'helm'] as const)(
  'a foreign object is refused in an Application with ownership %s',
  (ownership) => {
    expect(() => new ForeignPatch(chart(ownership), 'Patch', { manifest, form: 'partial' })).toThrow(
      `foreign patch 'coredns/Patch': expected an Application with ownership "foreign-patch", got "${ownership}"`,
    );
  },
);

test.each([
  ['partial', 'Prune=false,Delete=false,ServerSideApply=true,Validate=false'],
  ['whole', 'Prune=false,Delete=false,ServerSideApply=true'],
] as const)('a %s patch outlives its file and its Application', (form, options) => {
  const patch = new ForeignPatch(chart('foreign-patch'), 'Patch', { manifest, form });

  expect(patch.toJson()).toMatchObject({
    metadata: {
      name: 'coredns',
      annotations: { theirs: 'stays', 'argocd.argoproj.io/sync-options': options, 'selfheal.dev/foreign': form },
    },
    spec: { replicas: 2 },
  });
});
