/** The rights that a roll of a person needs and no more: those of the cluster's own, for a group. */
import { FOREIGN } from '../argo/sync-options.js';
import { everywhere, inNamespace } from '../layers/rolling-reboot/rules.js';
import type { Manifest } from '../manifest/manifest.js';
import { rulesFor } from '../manifest/rights.js';
import { granted } from '../manifest/roles.js';
import { LEASE } from '../ops/reboot/names.js';
import { keptObjects } from '../synth/kept-objects.js';
import type { Description } from '../synth/load-clusters.js';

/** To be bound to whom it is for. */
const ROLLERS = 'selfheal-reboot';

export async function rebootRole(description: Description): Promise<readonly Manifest[]> {
  const { cluster } = description;
  const { namespace } = LEASE;
  const name = `selfheal-reboot-${cluster.name}`;
  const patched = (await keptObjects(description))
    .map(({ manifest }) => manifest)
    .filter(({ metadata }) => metadata.annotations?.[FOREIGN] !== undefined);
  const both = { name, group: ROLLERS };
  return [
    ...granted({
      ...both,
      reason: `What selfheal reboot does to ${cluster.name}: marks and cordons its nodes, evicts pods, lists what the checks look at.`,
      rules: [...everywhere(cluster), ...rulesFor(patched)],
    }),
    ...granted({
      ...both,
      namespace,
      reason: 'The lock of a roll, and the Jobs that reboot a host. Who may create Jobs here is root on every node.',
      rules: inNamespace(cluster),
    }),
  ];
}
