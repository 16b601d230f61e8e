/** One cause wakes somebody once: what is sent of each incident, after all that Alertmanager silences. */
import { expect, test } from 'vitest';
import { ALERTED } from '../support/alerts.js';
import { describeWith } from '../support/tools.js';
import { INCIDENTS as homelab } from './incidents/homelab.js';
import { BEGINS, type Incident } from './incidents/incident.js';
import { INCIDENTS as pvek8s } from './incidents/pvek8s.js';
import { told } from './incidents/told.js';
import { evaluate } from './world/evaluate.js';
import { healthy } from './world/healthy.js';

interface Told {
  readonly pages: readonly string[];
  readonly messages: readonly string[];
}

const DARK = 'NodeUnreachableFromOutside on jarvis';
const MOUNT = 'NfsMountOnNode on jarvis';

/** Hours lie between the two: the first says what will happen, the second that it has. */
const MOUNT_THEN_DARK: Told = { pages: [MOUNT, DARK], messages: [] };
const WATCHDOG: Told = { pages: [DARK], messages: ['RcuWatchdogRebootedNode on jarvis'] };

const EXPECTED: Readonly<Record<string, Told>> = {
  'Nov 1, 07:30': { pages: [MOUNT], messages: [] },
  'Nov 5, 00:58': { pages: [DARK], messages: [] },
  'Nov 5, 03:00': MOUNT_THEN_DARK,
  'Nov 6, 03:00': MOUNT_THEN_DARK,
  'Nov 7, 02:30': MOUNT_THEN_DARK,
  'Nov 8, 02:30': MOUNT_THEN_DARK,
  'Nov 13, 02:30': { pages: [DARK], messages: [] },
  'Nov 22': { pages: [DARK], messages: ['NodeUnexpectedReboot on jarvis'] },
  'Nov 30, 13:31': { pages: [DARK], messages: [] },
  'Nov 30, 17:50': WATCHDOG,
  // A boot that is too slow, and two more before anybody knows that it is a loop.
  'Apr 3': { pages: [DARK, 'NodeRepeatedReboots on jarvis'], messages: ['RcuWatchdogRebootedNode on jarvis'] },
  'Apr 5, first': WATCHDOG,
  'Apr 5, second': { pages: [DARK], messages: [] },
  'Apr 6': { pages: [], messages: ['RcuStallsChronic on jarvis'] },
  'no date': { pages: ['ArgoCdControlPlaneDown'], messages: [] },
  // Three causes at once: volumes that are read-only, a scheduler that stalled, a calico-node from before the boot.
  'June 5, 06:00': {
    pages: ['JivaVolumeWithoutQuorum', 'SchedulerNotProcessingPods', 'CalicoNodeNotRestartedAfterReboot on k8s02'],
    messages: [
      'NodeUnexpectedReboot on k8s01',
      'NodeUnexpectedReboot on k8s02',
      'NodeUnexpectedReboot on k8s03',
      'SchedulerLeaseHolderStalled on k8s02',
      'PodSandboxStorm on k8s02',
    ],
  },
  'June 5, 09:00': { pages: ['KubeletNotStartingPods on k8s02'], messages: [] },
};

/** What has several causes is one world. */
const WORLDS: ReadonlyMap<string, Incident> = new Map([...homelab, ...pvek8s].map((one) => [one.when, one]));

test('every incident is looked at', () => {
  expect([...WORLDS.keys()].sort()).toEqual(Object.keys(EXPECTED).sort());
});

describeWith(['promtool'], 'by promtool', () => {
  test.each([...WORLDS.values()])('$when is told once for each cause', ({ when, cluster: name, world, minutes }) => {
    const cluster = ALERTED.get(name)?.();
    if (cluster === undefined) throw new Error(`incident '${when}': expected a cluster with alerts`);
    const cases = [{ name: when, world: world(healthy(cluster), cluster), minutes: BEGINS + minutes }];

    const firings = evaluate(cluster, cases).get(when) ?? [];

    const found: Told = { pages: told(cluster, firings, 'critical'), messages: told(cluster, firings, 'warning') };
    expect(found).toEqual(EXPECTED[when]);
  });
});
