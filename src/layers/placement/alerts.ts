/** An alert on CSI sidecars that all ended up on one node. */
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration, minutes } from '../../cluster/duration.js';
import { SEVERAL_NODES_TO_CHOOSE } from '../planned-reboot.js';
import { promql, readyPods } from '../promql.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';

/** Longer than a roll-out; pods do not come back to a node by themselves, so more patience would change nothing. */
const SETTLED = minutes(30);

export function placementAlerts({ longhorn, retiring }: Cluster): readonly RuleGroup[] {
  if (longhorn === null || longhorn.csiSpread === null || retiring.includes('longhorn-csi-spread')) return [];
  const sidecars = `namespace="${longhorn.namespace}",created_by_kind="ReplicaSet",created_by_name=~"csi-(attacher|provisioner|resizer|snapshotter)-.+"`;
  const pods = promql`
    label_replace(
      ${readyPods(sidecars)},
      "deployment", "$1", "created_by_name", "(.+)-[^-]+"
    )`;
  return ruleGroups('placement', [
    {
      kind: 'alert',
      name: 'CsiSidecarsConcentrated',
      expr: promql`
        (
          (
            count by (deployment, node) (
              ${pods}
            )
            == on (deployment) group_left ()
            count by (deployment) (
              ${pods}
            )
          ) > 1
        )
        and on () ${SEVERAL_NODES_TO_CHOOSE}`,
      for: SETTLED,
      severity: 'warning',
      summary: `All replicas of a Longhorn CSI sidecar have been on one node for ${describeDuration(SETTLED)}.`,
      description:
        'All {{ $value }} replicas of {{ $labels.deployment }} run on {{ $labels.node }}, though more than one node is Ready and not cordoned. Without that node no volume can be attached, and their restarts wear that node down.',
    },
  ]);
}
