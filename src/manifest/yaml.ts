/**
 * Manifests as YAML that every reader understands alike.
 *
 * Kubernetes' parser follows YAML 1.1, reads `0o7` and `0b11` as numbers besides, and refuses a block whose first line
 * begins with a tab; `<<` merges. Such strings are quoted.
 */
import { Document, isScalar, Scalar, visit } from 'yaml';
import type { Manifest } from './manifest.js';

/** The first line of every file that synth writes; a folder with other files in it is never replaced. */
export const HEADER = '# Written by selfheal synth. Change the description of the cluster, not this file.';

const MISREAD = /^[-+]?0[oObBxX]|^<<$|^[\n ]*\t|[\u0085\u2028\u2029\ufeff]/;

/** One manifest as the text of a file. */
export function toYaml(manifest: Manifest): string {
  const document = new Document(manifest, { version: '1.1', aliasDuplicateObjects: false });
  visit(document, {
    Scalar(_, node) {
      if (isScalar(node) && typeof node.value === 'string' && MISREAD.test(node.value)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return `${HEADER}\n${document.toString({ lineWidth: 0, directives: false })}`;
}
