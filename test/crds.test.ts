/** Custom resources against the schemas of their CRDs, closed: a field that the schema does not know is an error. */
import { readdirSync, readFileSync } from 'node:fs';
import { Ajv, type ValidateFunction } from 'ajv';
import { describe, expect, test } from 'vitest';
import { parseAllDocuments } from 'yaml';
import type { Cluster } from '../src/cluster/cluster.js';
import { type Manifest, describe as nameOf } from '../src/manifest/manifest.js';
import { at, set } from './support/change.js';
import { homelab, objectsOf, parsed, pvek8s } from './support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from './support/full-clusters.js';

const FOLDER = 'test/fixtures/crds';

/** Go writes the flag into the pattern, JavaScript behind it. */
const goRegExp = Object.assign(
  (pattern: string) =>
    pattern.includes('(?i)') ? new RegExp(pattern.replaceAll('(?i)', ''), 'iu') : new RegExp(pattern, 'u'),
  { code: 'goRegExp' },
);

const ajv = (): Ajv => new Ajv({ strict: false, allErrors: true, validateFormats: false, code: { regExp: goRegExp } });

/** `<group>/<version>/<kind>` to the check of its schema. */
const validators: ReadonlyMap<string, ValidateFunction> = new Map(
  readdirSync(FOLDER)
    .flatMap((file) =>
      parseAllDocuments(readFileSync(`${FOLDER}/${file}`, 'utf8')).map((document) => document.toJS() as unknown),
    )
    .flatMap((crd) => {
      const versions = at(crd, 'spec.versions');
      return (Array.isArray(versions) ? versions : []).map((version: unknown): [string, ValidateFunction] => [
        `${at(crd, 'spec.group')}/${at(version, 'name')}/${at(crd, 'spec.names.kind')}`,
        ajv().compile(closed(at(version, 'schema.openAPIV3Schema'), true)),
      ]);
    }),
);

/** The schema with unknown fields forbidden wherever the CRD does not keep them. */
function closed(schema: unknown, root = false): Record<string, unknown> {
  if (typeof schema !== 'object' || schema === null) return {};
  const rest = Object.fromEntries(
    Object.entries(schema).filter(([key]) => !['properties', 'items', 'additionalProperties'].includes(key)),
  );
  const properties = at(schema, 'properties');
  const items = at(schema, 'items');
  const further = at(schema, 'additionalProperties');
  const keeps = at(schema, 'x-kubernetes-preserve-unknown-fields') === true;
  if (at(schema, 'x-kubernetes-int-or-string') === true) return { ...rest, type: ['integer', 'string'] };
  return {
    ...rest,
    ...(items === undefined ? {} : { items: closed(items) }),
    ...(typeof further === 'object' ? { additionalProperties: closed(further) } : {}),
    ...(typeof properties === 'object' && properties !== null
      ? {
          properties: {
            ...Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, closed(value)])),
            ...(root ? { apiVersion: { type: 'string' }, kind: { type: 'string' }, metadata: { type: 'object' } } : {}),
          },
          ...(keeps || typeof further === 'object' ? {} : { additionalProperties: false }),
        }
      : {}),
  };
}

/** What the schema says against an object; undefined where no CRD of the kind is known. */
function problems(manifest: Manifest): readonly string[] | undefined {
  const validate = validators.get(`${manifest.apiVersion}/${manifest.kind}`);
  if (validate === undefined) return undefined;
  return validate(manifest)
    ? []
    : (validate.errors ?? []).map(
        ({ instancePath, message, params }) => `${instancePath}: ${message} ${JSON.stringify(params)}`,
      );
}

/** API groups of Kubernetes itself; every other needs a CRD among the fixtures. */
const BUILT_IN =
  /^(v1|apps\/|batch\/|policy\/|networking\.k8s\.io\/|rbac\.authorization\.k8s\.io\/|scheduling\.k8s\.io\/)/;

const CLUSTERS: readonly (readonly [string, () => Cluster])[] = [
  ['homelab', homelab],
  ['pvek8s', pvek8s],
  ['everything on k3s', () => parsed(FULL_K3S_SPEC)],
  ['everything on microk8s', () => parsed(FULL_MICROK8S_SPEC)],
];

test('every kind of custom resource has its schema here', () => {
  const unknown = CLUSTERS.flatMap(([, cluster]) => objectsOf(cluster()))
    .filter(({ apiVersion }) => !BUILT_IN.test(apiVersion))
    .filter((manifest) => problems(manifest) === undefined);

  expect(unknown.map(nameOf)).toEqual([]);
  expect(validators.size).toBeGreaterThan(5);
});

describe.each(CLUSTERS)('%s', (_, cluster) => {
  const custom = objectsOf(cluster()).filter((manifest) => problems(manifest) !== undefined);

  test('has custom resources', () => {
    expect(custom.length).toBeGreaterThan(2);
  });

  test.each(custom.map((manifest) => [`${manifest.kind} ${manifest.metadata.name}`, manifest] as const))(
    '%s is what its CRD takes',
    (_, manifest) => {
      expect(problems(manifest)).toEqual([]);
    },
  );
});

describe('the check itself refuses', () => {
  const application = objectsOf(homelab(), 'argocd').find(({ kind }) => kind === 'Application');
  const snapshot = objectsOf(parsed(FULL_K3S_SPEC)).find(({ kind }) => kind === 'RecurringJob');
  const plan = objectsOf(parsed(FULL_K3S_SPEC)).find(({ kind }) => kind === 'Plan');
  const setting = objectsOf(parsed(FULL_K3S_SPEC)).find(({ kind }) => kind === 'Setting');

  test.each([
    ['an unknown field', application, 'spec.syncPolicy.automated.heal', true],
    ['an unknown field in a list', application, 'spec.info[0].vlaue', 'x'],
    ['another type', application, 'spec.syncPolicy.retry.limit', 'never'],
    ['a value that is not in the enumeration', snapshot, 'spec.task', 'snapshoot'],
    ['a required field that is gone', application, 'spec.project', undefined],
    ["a Setting's value that is no text", setting, 'value', true],
    ['a misspelt field of a Plan', plan, 'spec.nodeSelecter', {}],
  ])('%s', (_, manifest, path, value) => {
    expect(manifest).toBeDefined();

    expect(problems(set(manifest, path, value) as Manifest)).not.toEqual([]); // Wrong on purpose.
  });
});
