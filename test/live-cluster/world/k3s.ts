/** CoreDNS as k3s installs it: by its deploy controller, which writes it again at each start of a server. */
import { gzipSync } from 'node:zlib';
import type { Json, Manifest } from '../../../src/manifest/manifest.js';
import type { Kubectl } from '../bench/kubectl.js';
import { createAs, withServiceAccountsFirst } from './create.js';
import { upstream } from './fixtures.js';

/** The field manager of the deploy controller on a server. */
const deployAs = (server: string): string => `deploy@${server}`;

/** What the controller leaves on each object: whose it is, and what it wrote last. */
const deployed = (manifest: Manifest): Manifest => ({
  ...manifest,
  metadata: {
    ...manifest.metadata,
    annotations: {
      ...manifest.metadata.annotations,
      'objectset.rio.cattle.io/applied': gzipSync(JSON.stringify(manifest)).toString('base64'),
      'objectset.rio.cattle.io/id': '',
      'objectset.rio.cattle.io/owner-gvk': 'k3s.cattle.io/v1, Kind=Addon',
      'objectset.rio.cattle.io/owner-name': 'coredns',
      'objectset.rio.cattle.io/owner-namespace': 'kube-system',
    },
    labels: { ...manifest.metadata.labels, 'objectset.rio.cattle.io/hash': 'bce283298811743a0386ab510f2f67ef74240c57' },
  },
});

const manifests = (): readonly Manifest[] => withServiceAccountsFirst(upstream('k3s-coredns').map(deployed));

/** The first start of a k3s server in an empty cluster. */
export function installK3sCoredns(bench: Kubectl, server: string): void {
  createAs(bench, deployAs(server), manifests());
}

/**
 * A later start of the server, of the same version or, with `change`, of another one.
 *
 * The controller compares three ways as `kubectl apply` does, but by its own annotation: it sends what is not on the
 * object as its manifest has it, and nothing of what others added. Where all is there it sends nothing.
 */
export function restartK3s(bench: Kubectl, server: string, change = (manifest: Manifest): Manifest => manifest): void {
  for (const manifest of upstream('k3s-coredns').map(change).map(deployed)) {
    const { name, namespace } = manifest.metadata;
    const patch = lacking(bench.get(manifest.kind, name, namespace), manifest);
    if (patch === undefined) continue;
    bench.kubectl([
      'patch',
      manifest.kind,
      name,
      ...(namespace === undefined ? [] : [`--namespace=${namespace}`]),
      '--type=strategic',
      `--field-manager=${deployAs(server)}`,
      `--patch=${JSON.stringify(patch)}`,
    ]);
  }
}

/** What of the wanted value the current one does not have; undefined where it has all. */
function lacking(current: Json | undefined, wanted: Json | undefined): Json | undefined {
  if (Array.isArray(wanted)) return lackingItems(Array.isArray(current) ? current : [], wanted);
  if (!isFields(wanted) || !isFields(current))
    return JSON.stringify(current) === JSON.stringify(wanted) ? undefined : wanted;
  const fields = Object.entries(wanted).flatMap(([key, value]) => {
    const patch = lacking(current[key], value);
    return patch === undefined ? [] : [[key, patch] as const];
  });
  return fields.length === 0 ? undefined : Object.fromEntries(fields);
}

/** Items with names are patched one by one, other lists as one value. */
function lackingItems(current: readonly Json[], wanted: readonly Json[]): Json | undefined {
  const missing = wanted.filter((item) => current.every((other) => lacking(other, item) !== undefined));
  if (missing.length === 0) return undefined;
  const patches = missing.map((item) => {
    const name = isFields(item) ? item.name : undefined;
    const namesake = current.find((other) => name !== undefined && isFields(other) && other.name === name);
    const patch = lacking(namesake, item);
    return name !== undefined && isFields(patch) ? { name, ...patch } : undefined;
  });
  const named = patches.filter((patch) => patch !== undefined);
  return named.length === missing.length ? named : wanted;
}

const isFields = (value: Json | undefined): value is { readonly [key: string]: Json | undefined } =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
