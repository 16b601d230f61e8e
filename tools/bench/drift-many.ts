/** Holds the objects in a folder against the live ones as `selfheal drift` does, and counts those that differ. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect } from '../../src/live/connect.js';
import { refOf } from '../../src/manifest/live-object.js';
import type { Manifest } from '../../src/manifest/manifest.js';
import { isAsApplied } from '../../src/ops/drift/as-applied.js';

const [folder = '', kubeconfig = ''] = process.argv.slice(2);
const objects = readdirSync(folder).map((name): Manifest => JSON.parse(readFileSync(join(folder, name), 'utf8')));
const api = connect({ context: 'bench', kubeconfig, timeout: { seconds: 60 }, environment: {} });

async function differs(manifest: Manifest): Promise<boolean> {
  const live = await api.get(refOf(manifest));
  if (!live.ok) throw new Error(live.failure.message);
  if (live.value !== null && isAsApplied(live.value, manifest)) return false;
  const applied = await api.dryRunApply(manifest, { fieldManager: 'argocd-controller' });
  if (!applied.ok) throw new Error(applied.failure.message);
  const content = (object: Manifest | null) =>
    JSON.stringify({ ...object, metadata: { ...object?.metadata, managedFields: undefined } });
  return content(live.value) !== content(applied.value.object);
}

void Promise.all(objects.map(differs)).then((all) => {
  console.log(all.filter(Boolean).length);
  api.close();
});
