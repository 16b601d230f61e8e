/** What Helm does to an object of a release, of the two Helms that there are. */
import type { Manifest } from '../../../src/manifest/manifest.js';
import type { Kubectl } from '../bench/kubectl.js';
import { createAs } from './create.js';

export interface Helm {
  readonly install: (bench: Kubectl, manifest: Manifest) => void;

  /** A rollback is one to what was there before. */
  readonly upgrade: (bench: Kubectl, manifest: Manifest) => void;

  readonly uninstall: (bench: Kubectl, manifest: Manifest) => void;

  /** How the API server writes down who set a field. */
  readonly operation: 'Update' | 'Apply';
}

const patch = (bench: Kubectl, { kind, metadata, spec }: Manifest): void => {
  const { labels, annotations } = metadata;
  bench.kubectl([
    'patch',
    kind,
    metadata.name,
    `--namespace=${metadata.namespace}`,
    '--type=strategic',
    '--field-manager=helm',
    `--patch=${JSON.stringify({ metadata: { labels, annotations }, spec })}`,
  ]);
};

/** Without force: a field that somebody else owns is a conflict, and the upgrade fails. */
const apply = (bench: Kubectl, manifest: Manifest): void => {
  bench.kubectl(['apply', '--server-side', '--field-manager=helm', '--filename=-'], JSON.stringify(manifest));
};

const uninstall = (bench: Kubectl, { kind, metadata: { name, namespace } }: Manifest): void => {
  bench.kubectl(['delete', kind, name, `--namespace=${namespace}`, '--wait']);
};

/** It compares three ways and sends what its manifest has otherwise; a field that no manifest had is not touched. */
export const HELM_3: Helm = {
  install: (bench, manifest) => createAs(bench, 'helm', [manifest]),
  upgrade: patch,
  uninstall,
  operation: 'Update',
};

/** Server-side apply. */
export const HELM_4: Helm = { install: apply, upgrade: apply, uninstall, operation: 'Apply' };
