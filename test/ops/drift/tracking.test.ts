import { describe, expect, test } from 'vitest';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { TRACKING_ID, tracked } from '../../../src/ops/drift/tracking.js';
import { liveObject } from './live.js';
import { application, DESTINATION } from './views.js';

type Notes = Readonly<Record<string, string>>;

const INSTANCE = 'app.kubernetes.io/instance';
const deployment = (marks: { labels?: Notes; annotations?: Notes } = {}): Manifest => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'coredns', namespace: 'n', ...marks },
});
const marksOf = ({ metadata: { labels, annotations } }: Manifest) => ({ labels, annotations });
const ID = { [TRACKING_ID]: 'selfheal-coredns:apps/Deployment:n/coredns' };

describe('an object is marked as Argo CD marks it', () => {
  test('with its id, where nobody can see the live one', () => {
    expect(marksOf(tracked(deployment(), application(), null))).toEqual({ labels: undefined, annotations: ID });
  });

  test('with the right id, whatever the live one says', () => {
    const live = liveObject(deployment({ annotations: { [TRACKING_ID]: 'other:apps/Deployment:n/coredns' } }));

    expect(marksOf(tracked(deployment(), application(), live)).annotations).toEqual(ID);
  });

  test('beside what it says itself', () => {
    expect(marksOf(tracked(deployment({ annotations: { a: 'b' }, labels: { l: 'v' } }), application(), null))).toEqual({
      labels: { l: 'v' },
      annotations: { a: 'b', ...ID },
    });
  });

  test("with the Application's namespace in it, where it belongs to the whole cluster", () => {
    const role: Manifest = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'r' } };

    expect(tracked(role, application(), null).metadata.annotations).toEqual({
      [TRACKING_ID]: `selfheal-coredns:rbac.authorization.k8s.io/ClusterRole:${DESTINATION}/r`,
    });
  });

  test('with the mark of the installation, where Argo CD sets one', () => {
    const annotations = { ...ID, 'argocd.argoproj.io/installation-id': 'home' };

    expect(marksOf(tracked(deployment(), application(), liveObject(deployment({ annotations })))).annotations).toEqual(
      annotations,
    );
  });
});

describe('where Argo CD tracks by label', () => {
  const live = liveObject(deployment({ labels: { [INSTANCE]: 'selfheal-coredns' } }));

  test('an object gets the label and no id', () => {
    expect(marksOf(tracked(deployment(), application(), live))).toEqual({
      labels: { [INSTANCE]: 'selfheal-coredns' },
      annotations: undefined,
    });
  });

  test('the label takes the place of what the object says itself', () => {
    const described = deployment({ labels: { [INSTANCE]: 'coredns' } });

    expect(marksOf(tracked(described, application(), live)).labels).toEqual({ [INSTANCE]: 'selfheal-coredns' });
  });

  test('by both, it gets both', () => {
    const both = liveObject(deployment({ labels: { [INSTANCE]: 'selfheal-coredns' }, annotations: ID }));

    expect(marksOf(tracked(deployment(), application(), both))).toEqual({
      labels: { [INSTANCE]: 'selfheal-coredns' },
      annotations: ID,
    });
  });
});

test('a label of somebody else is not a mark', () => {
  const live = liveObject(deployment({ labels: { [INSTANCE]: 'coredns' } }));

  expect(marksOf(tracked(deployment(), application(), live))).toEqual({ labels: undefined, annotations: ID });
});
