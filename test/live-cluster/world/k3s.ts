/** CoreDNS as k3s installs it: by its deploy controller, which writes it again at each start of a server. */
import { gzipSync } from 'node:zlib';
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { Bench } from '../bench/bench.js';
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
export function installK3sCoredns(bench: Bench, server: string): void {
  createAs(bench, deployAs(server), manifests());
}

/**
 * A later start of the server, of the same version or, with `change`, of another one.
 *
 * The controller compares three ways as `kubectl apply` does, but by its own annotation. Where nothing left its manifest
 * that is a strategic merge of the manifest.
 */
export function restartK3s(bench: Bench, server: string, change = (manifest: Manifest): Manifest => manifest): void {
  for (const manifest of upstream('k3s-coredns').map(change).map(deployed)) {
    const { name, namespace } = manifest.metadata;
    bench.kubectl([
      'patch',
      manifest.kind,
      name,
      ...(namespace === undefined ? [] : [`--namespace=${namespace}`]),
      '--type=strategic',
      `--field-manager=${deployAs(server)}`,
      `--patch=${JSON.stringify(manifest)}`,
    ]);
  }
}
