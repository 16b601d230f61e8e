/**
 * What a planned reboot looks like from the cluster, so that it wakes nobody.
 *
 * A cordon is what people and kured leave behind; a roll of ours also sets a taint, because somebody may have
 * uncordoned the node in the meantime. Both are seen by kube-state-metrics while the node itself is down.
 */
import { describeDuration, minutes } from '../cluster/duration.js';
import { PLANNED_REBOOT_TAINT } from '../manifest/planned-reboot-taint.js';
import { promql } from './promql.js';
import type { RecordingRule } from './rule-group.js';

/** A planned reboot is often uncordoned as soon as the node is Ready, before everything on it has settled. */
const REMEMBERED = minutes(30);

/** In words, for the texts of alerts. */
export const PLANNED_WORDS = `cordoned or marked as planned in the ${describeDuration(REMEMBERED)} before`;

/** By node, 1 while its reboot is planned or was until a while ago; no series otherwise. */
export const PLANNED = 'node:selfheal_planned:max';

export const PLANNED_RECORD: RecordingRule = {
  kind: 'record',
  name: PLANNED,
  expr: promql`
    max by (node) (max_over_time(kube_node_spec_unschedulable[${REMEMBERED}])) == 1
    or
    max by (node) (max_over_time(kube_node_spec_taint{key="${PLANNED_REBOOT_TAINT}"}[${REMEMBERED}])) == 1`,
};

/** To the end of an expression that says which node: not one whose reboot is planned. */
export const UNLESS_PLANNED = `unless on (node) ${PLANNED}`;

/**
 * More than one node is Ready and is to stay; with one, "everything on one node" is no news. A node that is cordoned gets
 * no pods, and what was on it is elsewhere.
 */
export const SEVERAL_NODES_TO_CHOOSE = promql`
  (
    count(
      max by (node) (kube_node_status_condition{condition="Ready",status="true"}) == 1
      ${UNLESS_PLANNED}
    ) > 1
  )`;
