/** A manifest refers to secrets; it never holds one. Findings name the place, never the value. */
import { holdsSecret } from '../../cluster/secret.js';
import { everyField, fieldsAt } from '../../manifest/json.js';
import { describe } from '../../manifest/manifest.js';
import type { Guardrail, Violation } from '../guardrail.js';

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
      ...places.flatMap(({ path, value }) =>
        typeof value === 'string' && holdsSecret(value) ? [violation(describe(manifest), path)] : [],
      ),
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

const SECRET_NAME = /(password|passwd|passphrase|token|client_?secret|api_?key|private_?key|secret_?key|access_?key)$/i;
/** What refers to a secret has such a value: a path, a name with dots or dashes in lower case, a template. */
const REFERENCE = /^(\/|\$|\{\{)|^(true|false)?$/;

const namesSecret = (name: string, value: string): boolean =>
  SECRET_NAME.test(name) && !REFERENCE.test(value) && !/(existing|name|ref|file|path)/i.test(name);
