/** Puts first objects into a cluster, faster than kubectl does. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { Send } from './api.js';

const DEFINITIONS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

/** Where an object of a kind that every cluster has, and of Argo CD, is asked for. */
const PLURALS: Readonly<Record<string, string>> = {
  AppProject: 'appprojects',
  ConfigMap: 'configmaps',
  Namespace: 'namespaces',
  Node: 'nodes',
  Secret: 'secrets',
};

/** Applies them all at once. */
export async function seed(send: Send, manifests: readonly Manifest[]): Promise<void> {
  await Promise.all(
    manifests.map(async (manifest) => {
      const { apiVersion, kind, metadata } = manifest;
      const plural = PLURALS[kind];
      if (plural === undefined) throw new Error(`seed of kind '${kind}': expected one of ${Object.keys(PLURALS)}`);
      const group = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
      const within = metadata.namespace === undefined ? '' : `/namespaces/${metadata.namespace}`;
      await applied(send, `${group}${within}/${plural}/${metadata.name}`, JSON.stringify(manifest));
    }),
  );
}

/** Installs the definitions in these files and folders, and waits until the server serves them all. */
export async function installDefinitions(send: Send, paths: readonly string[], until: Until): Promise<void> {
  const files = paths.flatMap((path) =>
    statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path],
  );
  const definitions = [...new Set(files)]
    .filter((file) => file.endsWith('.yaml'))
    .map((file) => readFileSync(file, 'utf8'))
    // A file is one definition; its name and group say where it is served.
    .map((text) => ({ text, definition: parse(text) as Manifest & { spec: { group: string; versions: Version[] } } }));
  await Promise.all(
    definitions.map(({ text, definition }) => applied(send, `${DEFINITIONS}/${definition.metadata.name}`, text)),
  );
  await Promise.all(
    definitions.flatMap(({ definition: { metadata, spec } }) =>
      spec.versions
        .filter(({ served }) => served)
        .map(({ name }) =>
          until(`${metadata.name} is served`, async () => {
            const plural = metadata.name.split('.')[0];
            const { status } = await send('GET', `/apis/${spec.group}/${name}/${plural}?limit=1`);
            return status === 200 ? true : undefined;
          }),
        ),
    ),
  );
}

interface Version {
  readonly name: string;
  readonly served: boolean;
}

type Until = (what: string, look: () => Promise<true | undefined>) => Promise<true>;

async function applied(send: Send, path: string, body: string): Promise<void> {
  const how = 'fieldManager=bench&force=true';
  const { status, text } = await send('PATCH', `${path}?${how}`, { body, type: 'application/apply-patch+yaml' });
  if (status !== 200 && status !== 201) throw new Error(`seed '${path}': expected it taken, got ${status}: ${text}`);
}
