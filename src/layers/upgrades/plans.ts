/**
 * The Plans by which the system-upgrade-controller upgrades one node after the other: workers, then control plane.
 *
 * The controller follows the Job, not the node: a Job that ends before its node has rebooted makes it uncordon that
 * node and begin with the next. So the Job here ends only when its node is well in its new boot, and none begins
 * before the gate on its host lets it.
 */
import type { App } from 'cdk8s';
import {
  Plan,
  PlanSpecDrainTimeout,
  type PlanSpecPrepareSecurityContext,
  type PlanSpecTolerations,
  PlanSpecWindowDays,
} from '../../../imports/upgrade.cattle.io.js';
import { ApplicationChart } from '../../argo/application-chart.js';
import { formatClockTime } from '../../cluster/clock-time.js';
import type { Cluster, ClusterNode, Upgrades } from '../../cluster/cluster.js';
import type { Weekday } from '../../cluster/spec/values.js';
import { nodeRequirement } from '../../manifest/node-affinity.js';
import { privilegeAnnotations, type Reasons } from '../../manifest/privileges.js';
import { RUN_PROGRAM } from './host-state.js';
import { addLockReader, LOCK_NAMESPACE } from './lock-reader.js';
import { planNames } from './plan-names.js';

export function addOsUpgrade(app: App, { nodes, images }: Cluster, upgrades: Upgrades): void {
  const hasWorkers = nodes.some(({ role }) => role === 'worker');
  const chart = new ApplicationChart(app, 'os-upgrade', {
    ownership: 'owned',
    description: `Ubuntu ${upgrades.ubuntu.to}, one node at a time.`,
    namespaces: [upgrades.namespace, ...(hasWorkers ? [LOCK_NAMESPACE] : [])],
    // The controller brings the CRD; it may come later than this Application.
    syncOptions: ['SkipDryRunOnMissingResource=true'],
  });
  if (hasWorkers) addLockReader(chart);
  const of = (role: ClusterNode['role']) => nodes.filter((node) => node.role === role).map(({ name }) => name);
  for (const [name, names] of [
    [planNames.workers, of('worker')],
    [planNames.controlPlane, of('control-plane')],
  ] as const) {
    if (names.length > 0) addPlan(chart, name, names, images.alpine, upgrades);
  }
}

/** Each step is bounded by itself; the Job's own bound only must not cut the wait for the Plan that goes first. */
const JOB_DEADLINE_SECONDS = 24 * 3600;

const RUN_ON_HOST = { privileged: true } satisfies PlanSpecPrepareSecurityContext;

/** Both steps alike. */
const PRIVILEGED = "it enters the mount namespace of the host's first process, to start a unit there";
const PRIVILEGES = { 'prepare.privileged': PRIVILEGED, 'upgrade.privileged': PRIVILEGED } as const satisfies Reasons;

/** The Job has to run on its own node, which is cordoned by then, and on a control plane that is kept free of pods. */
const TOLERATIONS: PlanSpecTolerations[] = [
  { key: 'node.kubernetes.io/unschedulable', operator: 'Exists', effect: 'NoSchedule' },
  { key: 'node-role.kubernetes.io/control-plane', operator: 'Exists' },
  { key: 'CriticalAddonsOnly', operator: 'Exists' },
];

function addPlan(
  chart: ApplicationChart,
  name: string,
  nodes: readonly string[],
  image: string,
  { namespace, timeZone, ubuntu }: Upgrades,
): void {
  const { window, to } = ubuntu;
  new Plan(chart, name, {
    metadata: { name, namespace, annotations: privilegeAnnotations(PRIVILEGES) },
    spec: {
      version: to,
      concurrency: 1,
      exclusive: true,
      jobActiveDeadlineSecs: JOB_DEADLINE_SECONDS,
      serviceAccountName: 'system-upgrade',
      // A pod that is preempted half-way through would be drained and begun again.
      priorityClassName: 'system-node-critical',
      nodeSelector: { matchExpressions: [nodeRequirement('In', nodes)] },
      tolerations: TOLERATIONS,
      window: {
        days: window.days.map((day) => WINDOW_DAYS[day]),
        startTime: formatClockTime(window.start),
        endTime: formatClockTime(window.end),
        timeZone,
      },
      prepare: { image, ...runOnHost('selfheal-upgrade-gate') },
      cordon: true,
      drain: {
        timeout: PlanSpecDrainTimeout.fromString('10m0s'),
        // A pod that was told to go this long ago hangs on a node that does not answer; nobody waits for it.
        skipWaitForDeleteTimeout: 300,
        ignoreDaemonSets: true,
        deleteEmptydirData: true,
        // A pod that nothing would bring back holds the upgrade up instead of being lost.
        force: false,
        disableEviction: false,
      },
      upgrade: { image, ...runOnHost('selfheal-os-upgrade') },
    },
  });
}

/** The argument vector that runs a unit of the host from a pod that shares the host's processes. */
export const runOnHost = (unit: 'selfheal-upgrade-gate' | 'selfheal-os-upgrade') => ({
  command: ['nsenter'],
  args: ['-t', '1', '-m', '--', RUN_PROGRAM, unit],
  securityContext: RUN_ON_HOST,
});

const WINDOW_DAYS: Readonly<Record<Weekday, PlanSpecWindowDays>> = {
  monday: PlanSpecWindowDays.MONDAY,
  tuesday: PlanSpecWindowDays.TUESDAY,
  wednesday: PlanSpecWindowDays.WEDNESDAY,
  thursday: PlanSpecWindowDays.THURSDAY,
  friday: PlanSpecWindowDays.FRIDAY,
  saturday: PlanSpecWindowDays.SATURDAY,
  sunday: PlanSpecWindowDays.SUNDAY,
};
