/** The manifests of others, as they are kept beside the tests. */
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from '../../../src/manifest/manifest.js';

type UpstreamFile = 'k3s-coredns' | 'microk8s-coredns' | 'longhorn-csi-deployments';

const FIXTURES = new URL('../../fixtures/', import.meta.url);

/** What `microk8s enable dns` puts in for these words; the address is one of the bench's services. */
const FILLED_IN: readonly (readonly [string, string])[] = [
  ['$ALLOWESCALATION', 'false'],
  ['$CLUSTERDOMAIN', 'cluster.local'],
  ['$DNSIP', '10.43.0.10'],
  ['$NAMESERVERS', '/etc/resolv.conf'],
];

const textOf = (path: string): string =>
  FILLED_IN.reduce((text, [word, by]) => text.replaceAll(word, by), readFileSync(new URL(path, FIXTURES), 'utf8'));

const readAll = (path: string): readonly Manifest[] =>
  parseAllDocuments(textOf(path)).flatMap((document) => {
    // The API server is who judges the content; an empty document is none.
    const content = document.toJS() as Manifest | null;
    return content === null ? [] : [content];
  });

/** What a distribution or Longhorn installs by itself. */
export const upstream = (name: UpstreamFile): readonly Manifest[] => readAll(`upstream/${name}.yaml`);
