/** A node that a placement names is a node of the cluster. */

import { at, everyField, type Field, show } from '../../manifest/json.js';
import { HOSTNAME_LABEL } from '../../manifest/node-affinity.js';
import type { Guardrail } from '../guardrail.js';
import { namedNodes } from '../nodes.js';

export const requiredNodeExists: Guardrail = {
  id: 'required-node-exists',
  severity: 'error',
  lesson:
    '46 pods were Pending for four hours, and a pod that asks for a node which is not there looks exactly like them.',
  incident: 'pvek8s-rc-1-scheduler',
  check: ({ cluster, workloads, helmValues }) => {
    const known = new Set(cluster.nodes.map(({ name }) => name));
    const places = [
      ...workloads.map(({ where, pod }) => ({ where, names: namedNodes(pod) })),
      ...helmValues.flatMap(({ where, values }) =>
        placementsIn(values).map(({ path, value }) => ({ where: `${where}, ${path}`, names: namedNodes(value) })),
      ),
    ];
    return places.flatMap(({ where, names }) =>
      [...new Set(names)]
        .filter((name) => !known.has(name))
        .map((name) => ({
          where,
          found: `expected a node of the cluster (${[...known].join(', ')}), got ${show(name)} as ${HOSTNAME_LABEL}`,
          mend: 'name a key of `nodes`, in the same spelling',
        })),
    );
  },
};

/** The objects in a chart's values that say where a pod goes. */
const placementsIn = (values: Field) =>
  [{ path: 'values', key: '', value: values }, ...everyField(values)].filter(
    ({ value }) =>
      at(value, 'affinity', 'nodeAffinity') !== undefined || at(value, 'nodeSelector', HOSTNAME_LABEL) !== undefined,
  );
