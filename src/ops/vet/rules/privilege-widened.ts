/** No pod gets more power over its host than it had. */

import { isPowerOverHost, powersOf } from '../../../guardrails/powers.js';
import { type Workload, workloadsOf } from '../../../guardrails/workloads.js';
import { at, listAt, show, textAt } from '../../../manifest/json.js';
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
  check: ({ objects: { kept, created } }) => [
    ...kept.flatMap(({ before, after }) => widened(after, before.manifest, created)),
    ...created.flatMap((placed) => widened(placed, undefined, created)),
  ],
};

/** Beyond the power over the host: what lets a process become more than it is. */
const ESCALATES = /^(token|.*\.(root|escalation|default-capabilities|no-seccomp))$/;

function widened(after: Placed, before: Manifest | undefined, created: readonly Placed[]): readonly Concern[] {
  const [now] = workload(after.manifest);
  const [old] = before === undefined ? [] : workload(before);
  if (now === undefined) return [];
  const powers = morePowers(now, old);
  const than = old === undefined ? 'an ordinary pod has' : 'before';
  const texts = [
    ...(powers.length === 0 ? [] : [`expected no more power than ${than}, got ${powers.join(', ')}`]),
    ...(old === undefined ? [] : [...moreOfHost(now, old), ...anotherAccount(now, old, created)]),
  ];
  return texts.map((text) => concern(after, text, podPath(after.manifest)));
}

function morePowers(now: Workload, old: Workload | undefined): readonly string[] {
  const had = new Set<string>(old === undefined ? [] : powersOf(old));
  const containers = new Set(old?.containers.map(({ name }) => name));
  return powersOf(now).filter(
    (power) =>
      !had.has(power) &&
      // A privileged container has all of the others by being one.
      !had.has(`${containerOf(power)}.privileged`) &&
      // What a new container or a partial leaves out is no step from less to more.
      (isPowerOverHost(power) ||
        (ESCALATES.test(power) && old !== undefined && !now.isPartial && isOfOld(power, containers))),
  );
}

/** Another path in a volume of the same name, or the same to write in. */
function moreOfHost(now: Workload, old: Workload): readonly string[] {
  const earlier = hostPaths(old);
  return [...hostPaths(now)].flatMap(([name, { path, isReadOnly }]) => {
    const was = earlier.get(name);
    if (was === undefined) return [];
    if (was.path !== path)
      return [`expected the volume '${name}' to stay ${show(was.path)} of the host, got ${show(path)}`];
    return was.isReadOnly && !isReadOnly
      ? [`expected the volume '${name}' (${show(path)} of the host) to stay read-only, got it writable`]
      : [];
  });
}

/** What the token of a pod may depends on whose it is. Of one that is new too, rbac-widened says what it gets. */
function anotherAccount(now: Workload, old: Workload, created: readonly Placed[]): readonly string[] {
  const [account, was] = [now, old].map(({ pod }) => textAt(pod, 'serviceAccountName') ?? 'default');
  const isNew = created.some(
    ({ manifest }) => manifest.kind === 'ServiceAccount' && manifest.metadata.name === account,
  );
  return account === was || isNew || now.isPartial || !powersOf(now).includes('token')
    ? []
    : [`expected the rights of ServiceAccount ${was}, got those of ${account}`];
}

const workload = (manifest: Manifest): readonly Workload[] => workloadsOf([{ application: '', manifest }]);

const isOfOld = (power: string, containers: ReadonlySet<string>): boolean =>
  !power.includes('.') || containers.has(containerOf(power));

const containerOf = (power: string): string => power.slice(0, Math.max(0, power.indexOf('.')));

interface HostPath {
  readonly path: string;
  readonly isReadOnly: boolean;
}

function hostPaths({ pod, containers }: Workload): ReadonlyMap<string, HostPath> {
  const mounts = containers.flatMap(({ fields }) => listAt(fields, 'volumeMounts'));
  return new Map(
    listAt(pod, 'volumes').flatMap((volume) => {
      const [name = '', path] = [textAt(volume, 'name'), textAt(volume, 'hostPath', 'path')];
      const own = mounts.filter((mount) => textAt(mount, 'name') === name);
      const isReadOnly = own.every((mount) => at(mount, 'readOnly') === true);
      return path === undefined ? [] : [[name, { path, isReadOnly }] as const];
    }),
  );
}
