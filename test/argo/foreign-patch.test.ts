import { ApiObject, App } from 'cdk8s';
import { describe, expect, test } from 'vitest';
import { ApplicationChart, type Ownership } from '../../src/argo/application-chart.js';
import { ForeignPatch, isForeignPatch } from '../../src/argo/foreign-patch.js';

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
  const patch = new ForeignPatch(chart('foreign-patch'), 'Patch', { manifest, form, retired: manifest });

  expect(patch.toJson()).toMatchObject({
    metadata: {
      name: 'coredns',
      annotations: { theirs: 'stays', 'argocd.argoproj.io/sync-options': options, 'selfheal.dev/foreign': form },
    },
    spec: { replicas: 2 },
  });
});

describe('while it is taken back', () => {
  test('a partial patch is its name and its protection, and no field of ours', () => {
    const patch = new ForeignPatch(chart('foreign-patch'), 'Patch', { manifest, form: 'partial' });

    expect(patch.toRetired()).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'coredns',
        namespace: 'kube-system',
        annotations: {
          'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false,ServerSideApply=true,Validate=false',
          'selfheal.dev/foreign': 'retiring',
        },
      },
    });
  });

  test('a whole object is what its owner wrote, still protected', () => {
    const retired = { ...manifest, spec: { theirs: true } };
    const patch = new ForeignPatch(chart('foreign-patch'), 'Patch', { manifest, form: 'whole', retired });

    expect(patch.toRetired()).toMatchObject({
      metadata: {
        annotations: {
          'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false,ServerSideApply=true',
          'selfheal.dev/foreign': 'retiring',
        },
      },
      spec: { theirs: true },
    });
    expect(patch.toRetired().spec).not.toHaveProperty('replicas');
  });
});

test('an object of our own is not taken for a patch, although cdk8s says so of every object', () => {
  const own = new ApiObject(chart('foreign-patch'), 'Own', manifest);

  expect(own).toBeInstanceOf(ForeignPatch);
  expect(isForeignPatch(own)).toBe(false);
});
