/** Every container says what it needs and what it may take. */

import { at } from '../../manifest/json.js';
import type { Guardrail } from '../guardrail.js';

export const containerResources: Guardrail = {
  id: 'container-resources',
  severity: 'error',
  lesson:
    'A pod without limits takes what it finds: compaction alone was enough load for the stalls that stopped the NFS server.',
  incident: 'nov-5-soft-nfs',
  check: ({ workloads }) =>
    workloads
      // Of a patch the owner has the rest; a Plan has no such field, its Jobs are the controller's.
      .filter(({ isPartial, kind }) => !isPartial && kind !== 'Plan')
      .flatMap(({ containers }) =>
        containers.flatMap(({ where, fields }) => {
          const missing = REQUIRED.filter((path) => at(fields, 'resources', ...path) === undefined);
          return missing.length === 0
            ? []
            : [
                {
                  where,
                  found: `expected resources with ${missing.map((path) => path.join('.')).join(', ')}, got none`,
                  mend: 'set small ones: the nodes are small',
                },
              ];
        }),
      ),
};

/** No limit on CPU: a container that is throttled at the wrong moment is late, one that is over its memory is gone. */
const REQUIRED = [
  ['requests', 'cpu'],
  ['requests', 'memory'],
  ['limits', 'memory'],
] as const;
