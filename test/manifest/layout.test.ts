import { expect, test } from 'vitest';
import { layOut } from '../../src/manifest/layout.js';
import type { PlacedManifest } from '../../src/manifest/manifest.js';

interface Settings {
  readonly application?: string;
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly namespace?: string;
}

const object = (
  name: string,
  { application = 'app', apiVersion = 'v1', kind = 'ConfigMap', namespace }: Settings = {},
): PlacedManifest => ({
  application,
  manifest: { apiVersion, kind, metadata: { name, ...(namespace === undefined ? {} : { namespace }) } },
});

const pathsOf = (...objects: readonly PlacedManifest[]): readonly string[] => [...layOut('home', objects).keys()];

test('one object in two Applications is refused: they would undo each other', () => {
  const twice = [object('a', { application: 'one' }), object('a', { application: 'two' })];

  expect(() => layOut('home', twice)).toThrow('ConfigMap a: expected once and in one Application, got one and two');
});

test('one object twice in one Application is refused', () => {
  expect(() => layOut('home', [object('a'), object('a')])).toThrow(
    'ConfigMap a: expected once and in one Application, got app and app',
  );
});

test('one object in two versions of its API is still one object', () => {
  const versions = [object('a', { apiVersion: 'batch/v1' }), object('a', { apiVersion: 'batch/v1beta1' })];

  expect(() => layOut('home', versions)).toThrow('ConfigMap a: expected once');
});

test('a file is named after its object', () => {
  expect(pathsOf(object('a', { namespace: 'x' }), object('b', { kind: 'CronJob' }))).toEqual([
    'home/app/configmap-a.yaml',
    'home/app/cronjob-b.yaml',
  ]);
});

test('only namesakes carry their namespace', () => {
  expect(
    pathsOf(
      object('a', { namespace: 'x' }),
      object('a', { namespace: 'y' }),
      object('a'),
      object('b', { namespace: 'x' }),
    ),
  ).toEqual([
    'home/app/configmap-a.cluster.yaml',
    'home/app/configmap-a.x.yaml',
    'home/app/configmap-a.y.yaml',
    'home/app/configmap-b.yaml',
  ]);
});

test('namesakes of two API groups carry the group, and none of them is lost', () => {
  const ingress = (apiVersion: string) => object('a', { apiVersion, kind: 'Ingress', namespace: 'x' });

  expect(pathsOf(ingress('networking.k8s.io/v1'), ingress('traefik.io/v1'), ingress('v1'))).toEqual([
    'home/app/ingress-a.x.core.yaml',
    'home/app/ingress-a.x.networking.k8s.io.yaml',
    'home/app/ingress-a.x.traefik.io.yaml',
  ]);
});

test('names that differ only in what a file cannot be called are refused, not overwritten', () => {
  const role = (name: string) => object(name, { kind: 'ClusterRole', apiVersion: 'rbac.authorization.k8s.io/v1' });

  expect(() => layOut('home', [role('system:a'), role('system-a')])).toThrow(
    'ClusterRole system:a: expected a file of its own',
  );
});

test('a name cannot climb out of its folder', () => {
  expect(pathsOf(object('../../etc/passwd'))).toEqual(['home/app/configmap-..-..-etc-passwd.yaml']);
});

test('the files come in the order of their names, whatever the order of the objects', () => {
  const objects = ['b', 'a', 'C', 'a-b'].map((name) => object(name));

  expect(pathsOf(...objects)).toEqual(pathsOf(...objects.toReversed()));
});
