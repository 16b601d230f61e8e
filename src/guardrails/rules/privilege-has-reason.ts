/** Power over the host is held by the few containers that have a reason on this list. */
import type { Guardrail, Violation } from '../guardrail.js';
import { at, type Field, textAt, textsAt } from '../json.js';
import type { Container, Workload } from '../workloads.js';

export const privilegeHasReason: Guardrail = {
  id: 'privilege-has-reason',
  severity: 'error',
  lesson:
    'Something with the power to reboot a host did so ten times in three hours; whoever has such power stands on a list, with the reason.',
  incident: 'apr-3-reboot-loop',
  check: ({ workloads }) =>
    workloads.flatMap((workload) =>
      [
        ...podPowers(workload),
        ...workload.containers.flatMap((container) => containerPowers(workload, container)),
      ].flatMap(({ where, power, isInit }): readonly Violation[] =>
        ALLOWED.some(
          (entry) =>
            entry.application === workload.application &&
            entry.powers.includes(power) &&
            (isInit !== false || entry.whileRunning),
        )
          ? []
          : [
              {
                where,
                found: `expected no power over the host without a reason on the list, got ${power}`,
                mend: 'do without it, or add the Application with its reason to src/guardrails/rules/privilege-has-reason.ts',
              },
            ],
      ),
    ),
};

interface Allowed {
  /** The Application's folder. */
  readonly application: string;
  readonly powers: readonly string[];
  /** Whether containers that keep running may hold it, and not only init containers. */
  readonly whileRunning: boolean;
  readonly reason: string;
}

const ALLOWED: readonly Allowed[] = [
  {
    application: 'node-bootstrap',
    powers: ['privileged', 'hostPID'],
    whileRunning: false,
    reason: "enters the host's namespaces to write its files and to talk to its systemd, and ends",
  },
  {
    application: 'node-bootstrap',
    powers: ['hostNetwork'],
    whileRunning: true,
    reason: 'starts where the pod network does not, which is when its mitigations are needed most',
  },
  {
    application: 'os-upgrade',
    powers: ['privileged'],
    whileRunning: true,
    reason: 'upgrades the operating system of the node that it runs on',
  },
  {
    application: 'local-path-backup',
    powers: ['capability DAC_READ_SEARCH'],
    whileRunning: true,
    reason: 'reads volumes whose files belong to many users; it cannot write to any of them',
  },
];

interface Power {
  readonly where: string;
  readonly power: string;
  /** Undefined where the whole pod has it. */
  readonly isInit: boolean | undefined;
}

const podPowers = ({ where, pod }: Workload): readonly Power[] =>
  ['hostPID', 'hostNetwork', 'hostIPC']
    .filter((field) => at(pod, field) === true)
    .map((power) => ({ where, power, isInit: undefined }));

/** What a container has without asking, or what gives it no power beyond itself. */
const HARMLESS = new Set(['NET_BIND_SERVICE', 'CHOWN', 'SETUID', 'SETGID', 'KILL']);

function containerPowers({ pod }: Workload, { where, fields, isInit }: Container): readonly Power[] {
  const context = at(fields, 'securityContext');
  const added = textsAt(context, 'capabilities', 'add').map((name) => name.replace(/^CAP_/, '').toUpperCase());
  return [
    ...(at(context, 'privileged') === true ? ['privileged'] : []),
    ...added.filter((name) => !HARMLESS.has(name)).map((name) => `capability ${name}`),
    ...(isUnconfined(context) || isUnconfined(at(pod, 'securityContext')) ? ['seccomp Unconfined'] : []),
  ].map((power) => ({ where, power, isInit }));
}

const isUnconfined = (context: Field): boolean => textAt(context, 'seccompProfile', 'type') === 'Unconfined';
