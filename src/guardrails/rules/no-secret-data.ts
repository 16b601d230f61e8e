/** A manifest refers to secrets; it never holds one. Findings name the place, never the value. */
import { describe, type Json } from '../../manifest/manifest.js';
import type { Guardrail, Violation } from '../guardrail.js';
import { everyField, fieldsAt } from '../json.js';

export const noSecretData: Guardrail = {
  id: 'no-secret-data',
  severity: 'error',
  lesson:
    'Manifests are committed: a key that is in one of them is in every clone, and the backup key opens the machine that holds the backups.',
  incident: 'nov-7-8',
  check: ({ fields, workloads, helmValues }) => [
    ...fields.flatMap(({ object: { manifest }, places }) => [
      ...(manifest.kind === 'Secret'
        ? ['data', 'stringData'].flatMap((field) =>
            fieldsAt(manifest, field).map(([key]) => violation(describe(manifest), `${field}.${key}`)),
          )
        : []),
      ...places.flatMap(({ path, value }) => (isSecret(value) ? [violation(describe(manifest), path)] : [])),
    ]),
    ...workloads.flatMap(({ containers }) =>
      containers.flatMap(({ where, env }) =>
        [...env].filter(([name, value]) => namesSecret(name, value)).map(([name]) => violation(where, `env ${name}`)),
      ),
    ),
    ...helmValues.flatMap(({ where, values }) =>
      everyField(values)
        .filter(({ key, value }) => typeof value === 'string' && namesSecret(key, value))
        .map(({ path }) => violation(where, path)),
    ),
  ],
};

const violation = (where: string, place: string): Violation => ({
  where: `${where}, ${place}`,
  found: 'expected a reference to a Secret, got what looks like its content (not shown)',
  mend: 'create the Secret in the cluster and name it here; then replace the key, it is in the history of the repository',
});

const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]*PRIVATE KEY-----/,
  /\b(AKIA|ASIA)[0-9A-Z]{16}\b/,
  /\b(ghp|gho|ghs|ghu)_[A-Za-z0-9]{36}\b|\bgithub_pat_\w{22,}/,
  /\bglpat-[\w-]{20}/,
  /\bxox[abprs]-[\w-]{10,}/,
  /\bAGE-SECRET-KEY-1[0-9A-Z]{50,}/,
  /\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}/,
  /\bclient-key-data:\s*\S{20}/,
  // User and password in a URL; the scheme is left out, because looking for its start takes long in long texts.
  /:\/\/[^\s/:@"'$<{]+:[^\s/@"'$<{]+@/,
];

const PEM_IN_BASE64 = /LS0tLS1CRUdJTi[A-Za-z0-9+/=\s]{40,}/;

function isSecret(value: Json): boolean {
  if (typeof value !== 'string') return false;
  const packed = PEM_IN_BASE64.exec(value)?.[0];
  const texts = packed === undefined ? [value] : [value, Buffer.from(packed, 'base64').toString('latin1')];
  return texts.some((text) => SECRETS.some((pattern) => pattern.test(text)));
}

const SECRET_NAME = /(password|passwd|passphrase|token|client_?secret|api_?key|private_?key|secret_?key|access_?key)$/i;
/** What refers to a secret has such a value: a path, a name with dots or dashes in lower case, a template. */
const REFERENCE = /^(\/|\$|\{\{)|^(true|false)?$/;

const namesSecret = (name: string, value: string): boolean =>
  SECRET_NAME.test(name) && !REFERENCE.test(value) && !/(existing|name|ref|file|path)/i.test(name);
