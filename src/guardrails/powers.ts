/** What a workload may do beyond an ordinary pod, read off its manifest. */

import { at, type Field, listAt, numberAt, textAt, textsAt } from '../manifest/json.js';
import { capabilityPower, type PrivilegeId } from '../manifest/privileges.js';
import type { Container, Workload } from './workloads.js';

export function powersOf(workload: Workload): readonly PrivilegeId[] {
  return [
    ...podPowers(workload),
    ...workload.containers.flatMap((container) =>
      containerPowers(workload, container).map((power) => `${container.name}.${power}` as const),
    ),
  ];
}

/** What makes a container or pod more than itself; everything else is care that it does without. */
export const isPowerOverHost = (id: string): boolean =>
  /^(host-(pid|network|ipc|path-.*)|.*\.(privileged|no-apparmor|capability-(?!net-bind-service$).*))$/.test(id);

function podPowers({ kind, pod }: Workload) {
  const namespaces = [
    ['hostPID', 'host-pid'],
    ['hostNetwork', 'host-network'],
    ['hostIPC', 'host-ipc'],
  ] as const;
  const paths = listAt(pod, 'volumes').filter((volume) => at(volume, 'hostPath') !== undefined);
  return [
    ...namespaces.filter(([field]) => at(pod, field) === true).map(([, power]) => power),
    ...paths.map((volume) => `host-path-${textAt(volume, 'name') ?? ''}` as const),
    // The Jobs of a Plan are the controller's, and so are their tokens and what they do not say.
    ...(kind !== 'Plan' && at(pod, 'automountServiceAccountToken') !== false ? (['token'] as const) : []),
  ];
}

function containerPowers({ kind, pod, annotations }: Workload, { name, fields }: Container) {
  const context = at(fields, 'securityContext');
  const either = (...path: readonly string[]): Field => at(context, ...path) ?? at(pod, 'securityContext', ...path);
  const capabilities = textsAt(context, 'capabilities', 'add').map(capabilityPower);
  const has = [...(at(context, 'privileged') === true ? (['privileged'] as const) : ordinary()), ...capabilities];
  if (kind === 'Plan') return has.filter((power) => power === 'privileged' || power.startsWith('capability-'));
  return [
    ...has,
    ...(mayBeRoot() ? (['root'] as const) : []),
    ...(at(context, 'readOnlyRootFilesystem') === true ? [] : (['writable-root'] as const)),
    ...(at(fields, 'resources', 'limits', 'cpu') === undefined ? (['no-cpu-limit'] as const) : []),
  ];

  /** A privileged container has all of this by being one. */
  function ordinary() {
    const dropsAll = textsAt(context, 'capabilities', 'drop').some((dropped) => dropped.toUpperCase() === 'ALL');
    // The annotation is what Kubernetes read before 1.30.
    const annotation = textAt(annotations, `container.apparmor.security.beta.kubernetes.io/${name}`);
    const apparmor = either('appArmorProfile', 'type') ?? annotation;
    const seccomp = either('seccompProfile', 'type');
    return [
      ...(at(context, 'allowPrivilegeEscalation') === false ? [] : (['escalation'] as const)),
      ...(dropsAll ? [] : (['default-capabilities'] as const)),
      ...(seccomp === undefined || seccomp === 'Unconfined' ? (['no-seccomp'] as const) : []),
      ...(apparmor === 'Unconfined' || apparmor === 'unconfined' ? (['no-apparmor'] as const) : []),
    ];
  }

  function mayBeRoot(): boolean {
    const user = numberAt(context, 'runAsUser') ?? numberAt(pod, 'securityContext', 'runAsUser');
    return user === 0 || (user === undefined && either('runAsNonRoot') !== true);
  }
}
