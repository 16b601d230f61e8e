/** An alert on pod sandboxes that the container runtime cannot create. */
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration, minutes } from '../../cluster/duration.js';
import { promql } from '../promql.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';

/** One pod whose sandbox fails is tried about every 12 s: some 25 errors in five minutes. */
const STORM = { errors: 5, within: minutes(5) };

/** Until the pod network is up after a boot, sandboxes fail for a minute or two; that is out of the window by then. */
const LASTS = minutes(10);

/** For every cluster: the runtime's leftovers are no less a problem where nothing clears them up. */
export const sandboxCleanupAlerts = (_cluster: Cluster): readonly RuleGroup[] =>
  ruleGroups('sandbox-cleanup', [
    {
      kind: 'alert',
      name: 'PodSandboxStorm',
      // Events would say more, but MicroK8s keeps them for five minutes only and no exporter is there to count them.
      expr: promql`
        max by (node) (
          increase(kubelet_runtime_operations_errors_total{operation_type="run_podsandbox",node!=""}[${STORM.within}])
          or
          increase(kubelet_run_podsandbox_errors_total{node!=""}[${STORM.within}])
        ) > ${STORM.errors}`,
      for: LASTS,
      severity: 'warning',
      summary: `A node has failed to create pod sandboxes for ${describeDuration(LASTS)}, more than ${STORM.errors} times in each ${describeDuration(STORM.within)}.`,
      description:
        'Pods on {{ $labels.node }} do not start because their sandboxes cannot be created ({{ $value | printf "%.0f" }} errors). After a hard reboot the usual reason is a name that containerd still keeps for a dead sandbox.',
    },
  ]);
