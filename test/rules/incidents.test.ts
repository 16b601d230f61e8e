/** How long after its beginning each incident would be told today, and how often: once for each cause. */
import { readFileSync } from 'node:fs';
import { beforeAll, expect, test } from 'vitest';
import type { Cluster } from '../../src/cluster/cluster.js';
import { ALERTED } from '../support/alerts.js';
import { describeWith } from '../support/tools.js';
import { INCIDENTS as homelab } from './incidents/homelab.js';
import { BEGINS, type Incident } from './incidents/incident.js';
import { INCIDENTS as pvek8s } from './incidents/pvek8s.js';
import { told } from './incidents/told.js';
import { evaluate } from './world/evaluate.js';
import type { Firing } from './world/fired.js';
import { healthy } from './world/healthy.js';

const INCIDENTS = [...homelab, ...pvek8s];

/** What has several causes is one world. */
const WORLDS: ReadonlyMap<string, Incident> = new Map(INCIDENTS.map((one) => [one.when, one]));

const PAGE = readFileSync(new URL('../../docs/incidents.md', import.meta.url), 'utf8');

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

test('every incident of the page is looked at', () => {
  const anchors = [...PAGE.matchAll(/<a id="([^"]+)">/g)].map(([, anchor]) => anchor);

  expect(anchors.length).toBeGreaterThan(15);
  expect([...new Set(INCIDENTS.map(({ anchor }) => anchor))].sort()).toEqual(anchors.sort());
  expect([...WORLDS.keys()].sort()).toEqual(Object.keys(EXPECTED).sort());
});

describeWith(['promtool'], 'by promtool', () => {
  const fired = new Map<string, readonly Firing[]>();

  beforeAll(() => {
    const worlds = [...WORLDS.values()];
    for (const name of new Set(worlds.map(({ cluster }) => cluster))) {
      const cluster = clusterOf({ cluster: name });
      const cases = worlds
        .filter((one) => one.cluster === name)
        .map(({ when, world, minutes }) => ({
          name: when,
          world: world(healthy(cluster), cluster),
          minutes: BEGINS + minutes,
        }));
      for (const [when, firings] of evaluate(cluster, cases)) fired.set(when, firings);
    }
  });

  test('the page says of each when the first message and the first page would have come', () => {
    const section = PAGE.split('## First page\n')[1]?.split('\n## ')[0] ?? '';
    const shown = section.split('\n').filter((line) => line.startsWith('| ['));

    expect(shown).toEqual(INCIDENTS.map((incident) => rowOf(incident, fired.get(incident.when) ?? [])));
  });

  test.each([...WORLDS.values()])('$when is told once for each cause', ({ when, ...incident }) => {
    const [cluster, firings] = [clusterOf(incident), fired.get(when) ?? []];

    const found: Told = { pages: told(cluster, firings, 'critical'), messages: told(cluster, firings, 'warning') };

    expect(found).toEqual(EXPECTED[when]);
  });
});

function clusterOf({ cluster: name }: Pick<Incident, 'cluster'>): Cluster {
  const cluster = ALERTED.get(name)?.();
  if (cluster === undefined) throw new Error(`cluster '${name}': expected one with alerts, got none`);
  return cluster;
}

function rowOf({ anchor, when, beganWith, outageAfter, tells }: Incident, all: readonly Firing[]): string {
  const firings = all.filter(({ alert }) => tells?.includes(alert) ?? true);
  expect(
    firings.filter(({ from }) => from < BEGINS),
    `${anchor}: nothing fires before it begins`,
  ).toEqual([]);
  const page = firings.find(({ labels }) => labels.severity === 'critical');
  const cells = [
    `[${when}](#${anchor})`,
    beganWith,
    outageAfter === null ? '–' : `${outageAfter}`,
    minutesOf(firings[0]),
    minutesOf(page),
  ];
  return `| ${cells.join(' | ')} |`;
}

const minutesOf = (firing: Firing | undefined): string =>
  firing === undefined ? '–' : `${firing.from - BEGINS}: ${firing.alert}`;
