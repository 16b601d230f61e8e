/** Which pods a change replaces, and how many of them at once, by the arithmetic of Kubernetes' controllers. */

import type { FieldChange } from '../../manifest/field-changes.js';
import { at, type Field, fieldsAt, listAt, numberAt, textAt, textsAt } from '../../manifest/json.js';
import type { Manifest } from '../../manifest/manifest.js';
import { HOSTNAME_LABEL } from '../../manifest/node-affinity.js';
import { counted, listed } from '../words.js';

export interface Rollout {
  readonly rolls: boolean;
  readonly consequences: readonly string[];
}

const NONE: Rollout = { rolls: false, consequences: [] };

export function rolloutOf(manifest: Manifest, fields: readonly FieldChange[]): Rollout {
  const template = fields.some(({ path }) => path.startsWith('spec.template.') || path === 'spec.template');
  switch (manifest.kind) {
    case 'Deployment':
      return template ? ofDeployment(manifest) : NONE;
    case 'DaemonSet':
      return template ? ofDaemonSet(manifest) : NONE;
    case 'StatefulSet':
      return template ? ofStatefulSet(manifest) : NONE;
    case 'CronJob':
      return fields.some(({ path }) => path.startsWith('spec.jobTemplate'))
        ? { rolls: false, consequences: ['Counts from the next run on; a run that is under way ends as it began.'] }
        : NONE;
    default:
      return NONE;
  }
}

/** Kubernetes rounds what may be missing down and what may be too many up, and never lets both be none. */
function deploymentBounds(
  replicas: number,
  rollingUpdate: Field,
): { readonly missing: number; readonly extra: number } {
  const extra = scaled(at(rollingUpdate, 'maxSurge') ?? '25%', replicas, Math.ceil);
  const missing = scaled(at(rollingUpdate, 'maxUnavailable') ?? '25%', replicas, Math.floor);
  return extra === 0 && missing === 0 ? { extra, missing: 1 } : { extra, missing };
}

function ofDeployment({ spec }: Manifest): Rollout {
  const replicas = numberAt(spec, 'replicas');
  if (at(spec, 'paused') === true)
    return { rolls: false, consequences: ['It is paused: its pods stay until it is resumed.'] };
  if (replicas === 0) return { rolls: false, consequences: ['It has no pods to replace.'] };
  const pods = replicas === undefined ? 'all of its pods' : counted(replicas, 'pod');
  if (textAt(spec, 'strategy', 'type') === 'Recreate')
    return {
      rolls: true,
      consequences: [`Replaces ${pods}: ends all of them first, and starts the new ones only then.`],
    };
  if (replicas === undefined && at(spec, 'selector') === undefined)
    return { rolls: true, consequences: ["Replaces all of its pods, as many at once as its owner's strategy allows."] };
  const { missing, extra } = deploymentBounds(replicas ?? 1, at(spec, 'strategy', 'rollingUpdate'));
  const how = [
    missing === 0 ? 'none missing meanwhile' : `at most ${missing} missing at a time`,
    ...(extra === 0 ? [] : [`${extra} more than usual meanwhile`]),
  ];
  return { rolls: true, consequences: [`Replaces ${pods}, ${how.join(', ')}.`] };
}

function ofDaemonSet({ spec }: Manifest): Rollout {
  if (textAt(spec, 'updateStrategy', 'type') === 'OnDelete')
    return { rolls: false, consequences: ['Replaces no pod by itself (OnDelete): each one when somebody deletes it.'] };
  const nodes = nodesOf(at(spec, 'template', 'spec'));
  const where = nodes === undefined ? 'on every node that it runs on' : `on ${listed(nodes)}`;
  const rolling = at(spec, 'updateStrategy', 'rollingUpdate');
  const [missing, extra] = [at(rolling, 'maxUnavailable') ?? 1, at(rolling, 'maxSurge') ?? 0];
  const most = (value: Field): string =>
    nodes === undefined || typeof value === 'number' ? `${value}` : `${scaled(value, nodes.length, Math.ceil)}`;
  const first = extra !== 0 && extra !== '0%';
  const pace = first ? `${most(extra)} at a time, the new pod before the old one ends` : `${most(missing)} at a time`;
  return {
    rolls: true,
    consequences: [
      nodes?.length === 1 && !first ? `Replaces its pod ${where}.` : `Replaces its pods ${where}, ${pace}.`,
    ],
  };
}

function ofStatefulSet({ spec }: Manifest): Rollout {
  const replicas = numberAt(spec, 'replicas') ?? 1;
  if (textAt(spec, 'updateStrategy', 'type') === 'OnDelete')
    return { rolls: false, consequences: ['Replaces no pod by itself (OnDelete): each one when somebody deletes it.'] };
  const partition = numberAt(spec, 'updateStrategy', 'rollingUpdate', 'partition') ?? 0;
  const replaced = Math.max(0, replicas - partition);
  if (replaced === 0)
    return { rolls: false, consequences: [`Replaces no pod: those below ${partition} stay as they are (partition).`] };
  const order = replaced === 1 ? '' : `, one after the other, from number ${replicas - 1} down to ${partition}`;
  return {
    rolls: true,
    consequences: [`Replaces ${counted(replaced, 'pod')}${order}; a pod that does not get ready stops it.`],
  };
}

/** The nodes that a pod is bound to by name. */
export function nodesOf(pod: Field): readonly string[] | undefined {
  const named = new Map(fieldsAt(pod, 'nodeSelector')).get(HOSTNAME_LABEL);
  if (typeof named === 'string') return [named];
  const terms = listAt(
    pod,
    'affinity',
    'nodeAffinity',
    'requiredDuringSchedulingIgnoredDuringExecution',
    'nodeSelectorTerms',
  );
  const perTerm = terms.map((term) =>
    listAt(term, 'matchExpressions').flatMap((requirement) =>
      textAt(requirement, 'key') === HOSTNAME_LABEL && textAt(requirement, 'operator') === 'In'
        ? textsAt(requirement, 'values')
        : [],
    ),
  );
  return terms.length > 0 && perTerm.every((names) => names.length > 0) ? [...new Set(perTerm.flat())] : undefined;
}

function scaled(value: Field, total: number, round: (value: number) => number): number {
  if (typeof value === 'number') return value;
  const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value)?.[1] : undefined;
  return percent === undefined ? 0 : round((Number(percent) * total) / 100);
}
