/**
 * The reasons for what a workload may do beyond an ordinary pod, as annotations of the workload itself.
 *
 * They stand beside the privilege in Git, and scanners read them: kube-linter leaves a check out that has a reason. A
 * guardrail compares them with the pod: no privilege without a reason, no reason without its privilege.
 */

/** What a whole pod may have. */
type PodPower = 'host-pid' | 'host-network' | 'host-ipc' | 'token' | `host-path-${string}`;

/** What one of its containers may have. */
type ContainerPower =
  | 'privileged'
  | 'root'
  | 'writable-root'
  | 'escalation'
  | 'default-capabilities'
  | 'no-seccomp'
  | 'no-apparmor'
  | 'no-cpu-limit'
  | `capability-${string}`;

/** `SYS_ADMIN`, or `CAP_SYS_ADMIN`, as part of a privilege's name. */
export const capabilityPower = (capability: string): `capability-${string}` =>
  `capability-${capability.replace(/^CAP_/i, '').toLowerCase().replaceAll('_', '-')}`;

/** A pod's power, or `<container>.<power>`. */
export type PrivilegeId = PodPower | `${string}.${ContainerPower}`;

export type Reasons = { readonly [id in PrivilegeId]?: string };

const REASON_PREFIX = 'privilege.selfheal.dev/';
const KUBE_LINTER_PREFIX = 'ignore-check.kube-linter.io/';

/** The check of kube-linter that a power fails; none where it has no such check. */
const KUBE_LINTER_CHECKS: ReadonlyMap<string, string> = new Map([
  ['host-pid', 'host-pid'],
  ['host-network', 'host-network'],
  ['host-ipc', 'host-ipc'],
  ['privileged', 'privileged-container'],
  ['root', 'run-as-non-root'],
  ['writable-root', 'no-read-only-root-fs'],
  ['escalation', 'privilege-escalation-container'],
  ['default-capabilities', 'drop-net-raw-capability'],
  ['no-cpu-limit', 'unset-cpu-requirements'],
]);

/** Containers with one of these fail this check too, whatever they say of escalation. */
const ESCALATION = 'privilege-escalation-container';
const ESCALATING: readonly string[] = ['privileged', 'capability-sys-admin'];

export const powerOf = (id: string): string => id.slice(id.indexOf('.') + 1);

/** The checks of kube-linter that a privilege fails. */
export function kubeLinterChecks(id: string): readonly string[] {
  const power = powerOf(id);
  const check = power.startsWith('host-path-') ? 'sensitive-host-mounts' : KUBE_LINTER_CHECKS.get(power);
  return [...(check === undefined ? [] : [check]), ...(ESCALATING.includes(power) ? [ESCALATION] : [])];
}

/** The annotations that carry the reasons. */
export function privilegeAnnotations(reasons: Reasons): Record<string, string> {
  const entries = Object.entries(reasons).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const ignored = new Map<string, Set<string>>();
  for (const [id, reason] of entries) {
    for (const check of kubeLinterChecks(id)) ignored.set(check, (ignored.get(check) ?? new Set()).add(reason));
  }
  return Object.fromEntries([
    ...entries.map(([id, reason]) => [`${REASON_PREFIX}${id}`, reason] as const),
    ...[...ignored].map(([check, why]) => [`${KUBE_LINTER_PREFIX}${check}`, [...why].join('; ')] as const),
  ]);
}

/** The reasons that annotations carry, by privilege. */
export const reasonsIn = (annotations: Readonly<Record<string, string>> = {}): ReadonlyMap<string, string> =>
  new Map(
    Object.entries(annotations).flatMap(([key, reason]) =>
      key.startsWith(REASON_PREFIX) ? [[key.slice(REASON_PREFIX.length), reason] as const] : [],
    ),
  );
