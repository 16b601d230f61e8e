/** An alert on an Argo CD that is gone: nothing in the cluster is brought or mended by Git any more. */
import type { Cluster } from '../../cluster/cluster.js';
import { describeDuration, minutes } from '../../cluster/duration.js';
import { promql, readyPods } from '../promql.js';
import { type RuleGroup, ruleGroups } from '../rule-group.js';

/** Without the first nothing is synced, without the second nothing is rendered; the others are for people. */
const COMPONENTS = ['application-controller', 'repo-server'];

/** A roll-out, or a node that is drained; their images are on every node. */
const RESTARTED = minutes(10);

/**
 * None of the component's pods is ready, or there is none at all. By their owner's name, whose beginning is the release
 * and whose kind is a StatefulSet or a ReplicaSet, as Argo CD was installed. Where no pod of the cluster shows the
 * metrics, nothing is known.
 */
const none = (namespace: string, component: string): string => promql`
  label_replace(
    absent(
      ${readyPods(`namespace="${namespace}",created_by_name=~"(.+-)?${component}(-[0-9a-z]+)?"`)}
    )
    and on () (count(kube_pod_info) > 0)
    and on () (count(kube_pod_status_ready) > 0),
    "component", "${component}", "", ""
  )`;

export const gitopsAlerts = ({ gitops: { namespace } }: Cluster): readonly RuleGroup[] =>
  ruleGroups('gitops', [
    {
      kind: 'alert',
      name: 'ArgoCdControlPlaneDown',
      expr: COMPONENTS.map((component) => none(namespace, component)).join('\nor\n'),
      for: RESTARTED,
      severity: 'critical',
      summary: `Argo CD has had no ready application controller, or no ready repo server, for ${describeDuration(RESTARTED)}.`,
      description: `Nothing in the namespace ${namespace} does the work of Argo CD's {{ $labels.component }}: what is deleted or changed by hand stays so, backups and watchdogs included. What runs goes on running.`,
    },
  ]);
