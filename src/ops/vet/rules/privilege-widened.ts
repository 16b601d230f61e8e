/** No pod gets more power over its host than it had. */

import { isPowerOverHost, powersOf } from '../../../guardrails/powers.js';
import { type Workload, workloadsOf } from '../../../guardrails/workloads.js';
import { listAt, show, textAt } from '../../../manifest/json.js';
import type { Manifest } from '../../../manifest/manifest.js';
import type { Placed } from '../change.js';
import { podPath } from '../containers.js';
import { type Concern, concern, type VetRule } from '../rule.js';

export const privilegeWidened: VetRule = {
  id: 'privilege-widened',
  severity: 'error',
  reason:
    'What heals a host has to be privileged, and what is privileged is the host: a pod that gets hostPID or a hostPath by a merged template owns every secret on its node.',
  mend: 'take the privilege away; where it is needed, say why in the description, so that the reason stands beside it',
  check: ({ objects }) => [
    ...objects.kept.flatMap(({ before, after }) => widened(after, before.manifest)),
    ...objects.created.flatMap((placed) => widened(placed, undefined)),
  ],
};

/** Beyond the power over the host: what lets a process become more than it is. */
const ESCALATES = /^(token|.*\.(root|escalation|default-capabilities|no-seccomp))$/;

function widened(after: Placed, before: Manifest | undefined): readonly Concern[] {
  const [now] = workload(after.manifest);
  const [old] = before === undefined ? [] : workload(before);
  if (now === undefined) return [];
  const had = new Set<string>(old === undefined ? [] : powersOf(old));
  const containers = new Set(old?.containers.map(({ name }) => name));
  const powers = powersOf(now).filter(
    (power) =>
      !had.has(power) &&
      // A privileged container has all of the others by being one.
      !had.has(`${containerOf(power)}.privileged`) &&
      // What a new container or a partial leaves out is no step from less to more.
      (isPowerOverHost(power) ||
        (ESCALATES.test(power) && old !== undefined && !now.isPartial && isOfOld(power, containers))),
  );
  const earlier = old === undefined ? new Map<string, string>() : hostPaths(old);
  const moved = [...hostPaths(now)].filter(([name, path]) => earlier.has(name) && earlier.get(name) !== path);
  return [
    ...(powers.length === 0
      ? []
      : [
          concern(
            after,
            `expected no more power than ${old === undefined ? 'an ordinary pod has' : 'before'}, got ${powers.join(', ')}`,
            podPath(after.manifest),
          ),
        ]),
    ...moved.map(([name, path]) =>
      concern(
        after,
        `expected the volume '${name}' to stay ${show(earlier.get(name))} of the host, got ${show(path)}`,
        podPath(after.manifest),
      ),
    ),
  ];
}

const workload = (manifest: Manifest): readonly Workload[] => workloadsOf([{ application: '', manifest }]);

const isOfOld = (power: string, containers: ReadonlySet<string>): boolean =>
  !power.includes('.') || containers.has(containerOf(power));

const containerOf = (power: string): string => power.slice(0, Math.max(0, power.indexOf('.')));

const hostPaths = ({ pod }: Workload): ReadonlyMap<string, string> =>
  new Map(
    listAt(pod, 'volumes').flatMap((volume) => {
      const path = textAt(volume, 'hostPath', 'path');
      return path === undefined ? [] : [[textAt(volume, 'name') ?? '', path] as const];
    }),
  );
