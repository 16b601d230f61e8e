/** Who owns the fields of each object of others that is patched, and whether partial or whole is right. */
import { patchOwnership } from '../../foreign/ownership.js';
import type { HealthCheck } from '../facts.js';

export const patchOwnershipCheck: HealthCheck = {
  id: 'patch-ownership',
  summary: 'who owns the fields of each object that is patched, and whether partial or whole is right',
  asks: ['patched'],
  answer: ({ cluster, patched }) =>
    patched.length > 0
      ? patched.map(({ application, manifest, live }) => patchOwnership(manifest, application, live))
      : [
          {
            check: 'patch-ownership',
            subject: `cluster ${cluster.name}`,
            verdict: 'pass',
            expected: '',
            found: 'no object of others is patched',
            incident: null,
            next: '',
            cause: null,
          },
        ],
};
