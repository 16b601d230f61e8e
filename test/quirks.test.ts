/** How cdk8s behaves where we rely on it. A new version that behaves otherwise fails here first. */
import { ApiObject, App, Chart, JsonPatch } from 'cdk8s';
import { k8s } from 'cdk8s-plus-28';
import { afterEach, describe, expect, test } from 'vitest';
import * as longhorn from '../imports/longhorn.io.js';

const chart = (): Chart => new Chart(new App(), 'chart', { disableResourceNameHashes: true });

const daemonSet = (scope: Chart, podSpec: k8s.PodSpec): k8s.KubeDaemonSet =>
  new k8s.KubeDaemonSet(scope, 'DaemonSet', {
    metadata: { name: 'agent', namespace: 'kube-system' },
    spec: { selector: { matchLabels: { app: 'agent' } }, template: { spec: podSpec } },
  });

const json = (object: ApiObject): unknown => object.toJson();

describe('generated types', () => {
  test('spell hostPid and give hostPID', () => {
    const { spec } = daemonSet(chart(), { hostPid: true, containers: [] }).toJson();

    expect(spec.template.spec).toEqual({ hostPID: true, containers: [] });
  });

  test('lose what is patched in under its real name: there must be no such patch', () => {
    const object = daemonSet(chart(), { containers: [] });
    object.addJsonPatch(JsonPatch.add('/spec/template/spec/hostPID', true));

    expect(JSON.stringify(json(object))).not.toContain('hostPID');
  });

  test('of Longhorn are those of the version that it stores', () => {
    expect(longhorn.RecurringJob.GVK.apiVersion).toBe('longhorn.io/v1beta2');
  });
});

describe('an object', () => {
  const render = (body: Readonly<Record<string, unknown>>): unknown =>
    json(new ApiObject(chart(), 'Object', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' }, ...body }));

  test('drops null and undefined, keeps what is empty', () => {
    expect(render({ a: null, b: undefined, c: {}, d: [], e: '', f: 0, g: false })).toEqual({
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'a' },
      c: {},
      d: [],
      e: '',
      f: 0,
      g: false,
    });
  });

  test('has its keys sorted, behind apiVersion, kind and metadata', () => {
    const keys = Object.keys(render({ z: { b: 1, a: 2 }, data: {}, a: 1 }) as object); // An object by the test above.

    expect(keys).toEqual(['apiVersion', 'kind', 'metadata', 'a', 'data', 'z']);
  });

  test('keeps a name that is given, without a hash', () => {
    expect(render({})).toMatchObject({ metadata: { name: 'a' } });
  });

  test('refuses what is no plain data', () => {
    expect(() => render({ when: new Date(0) })).toThrow("can't render non-simple object");
  });

  test('comes out the same each time it is asked', () => {
    const object = daemonSet(chart(), { containers: [], nodeSelector: { b: '1', a: '2' } });

    expect(JSON.stringify(object.toJson())).toBe(JSON.stringify(object.toJson()));
  });
});

test('cdk8s does not notice one object in two charts; our layout does', () => {
  const app = new App();
  for (const id of ['one', 'two'])
    new ApiObject(new Chart(app, id), 'Object', { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } });

  expect(app.charts.flatMap((each) => each.toJson())).toHaveLength(2);
});

describe('an App', () => {
  const before = process.env.CDK8S_OUTDIR;
  afterEach(() => {
    if (before === undefined) delete process.env.CDK8S_OUTDIR;
    else process.env.CDK8S_OUTDIR = before;
  });

  test('takes its folder from the environment, which is how cdk8s synth names it', () => {
    process.env.CDK8S_OUTDIR = 'elsewhere';
    expect(new App().outdir).toBe('elsewhere');

    delete process.env.CDK8S_OUTDIR;
    expect(new App().outdir).toBe('dist');
  });
});
