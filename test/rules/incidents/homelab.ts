/** November 2025 to April 2026: Jarvis, the server, and Ultron. Prometheus is on Ultron. */
import { reboot } from '../world/disturbances.js';
import type { World } from '../world/world.js';
import { dark, healed, inOrder, nfsMount, stalls, wiped } from './events.js';
import { BEGINS, type Incident } from './incident.js';

const [HOUR, JARVIS] = [60, 'jarvis'];
const homelab = { cluster: 'homelab' } as const;

/** A mount, and so many minutes later the freeze. */
const mountThenDark =
  (freezesAfter: number): Incident['world'] =>
  (well, cluster) =>
    inOrder(nfsMount(JARVIS, BEGINS), dark(JARVIS, BEGINS + freezesAfter, cluster))(well);

const darkAtOnce: Incident['world'] = (well, cluster) => dark(JARVIS, BEGINS, cluster)(well);

/** Down for two minutes, by the watchdog or not. */
const rebooted =
  (byWatchdog: boolean): Incident['world'] =>
  (well, cluster) =>
    inOrder(
      (world) => reboot(world, JARVIS, BEGINS, BEGINS + 2),
      dark(JARVIS, BEGINS, cluster, BEGINS + 2),
      ...(byWatchdog ? [healed(JARVIS, BEGINS + 2)] : []),
    )(well);

/** Ten boots in three hours. */
const looping: Incident['world'] = (well): World =>
  Array.from({ length: 10 }, (_, index) => BEGINS + index * 18).reduce(
    (world, at) => healed(JARVIS, at + 2)(reboot(world, JARVIS, at, at + 2)),
    well,
  );

/** One stall in two and a half minutes, in a window of six hours. */
const leak: Incident['world'] = (well) =>
  stalls(JARVIS, 'chronic', (minute) =>
    minute < BEGINS ? 20 : Math.min(144, 20 + Math.floor((minute - BEGINS) / 2.5)),
  )(well);

export const INCIDENTS: readonly Incident[] = [
  {
    ...homelab,
    anchor: 'nov-2',
    when: 'Nov 1, 07:30',
    beganWith: "Longhorn's NFS mount, broken by two reboots",
    world: mountThenDark(22 * HOUR),
    outageAfter: 22 * HOUR,
    minutes: 2 * HOUR,
  },
  {
    ...homelab,
    anchor: 'nov-5-soft-nfs',
    when: 'Nov 5, 00:58',
    beganWith: 'a freeze; the soft mount was there for days',
    world: mountThenDark(0),
    outageAfter: 0,
    minutes: HOUR,
  },
  {
    ...homelab,
    anchor: 'nov-5-backup-window',
    when: 'Nov 5, 03:00',
    beganWith: 'a backup over NFS',
    world: mountThenDark(169),
    outageAfter: 169,
    minutes: 4 * HOUR,
  },
  {
    ...homelab,
    anchor: 'nov-5-reverted',
    when: 'Nov 6, 03:00',
    beganWith: 'the backup that Argo CD brought back',
    world: mountThenDark(164),
    outageAfter: 164,
    minutes: 4 * HOUR,
  },
  {
    ...homelab,
    anchor: 'nov-7-8',
    when: 'Nov 7, 02:30',
    beganWith: 'a CronJob that mounts NFS',
    world: mountThenDark(160),
    outageAfter: 160,
    minutes: 4 * HOUR,
  },
  {
    ...homelab,
    anchor: 'nov-7-8',
    when: 'Nov 8, 02:30',
    beganWith: 'the same CronJob',
    world: mountThenDark(208),
    outageAfter: 208,
    minutes: 4 * HOUR,
  },
  {
    ...homelab,
    anchor: 'nov-13',
    when: 'Nov 13, 02:30',
    beganWith: 'rsync without a limit: frozen in two seconds',
    world: darkAtOnce,
    outageAfter: 0,
    minutes: HOUR,
  },
  {
    ...homelab,
    anchor: 'nov-22',
    when: 'Nov 22',
    beganWith: 'a reboot, of unknown cause',
    world: rebooted(false),
    outageAfter: 0,
    minutes: HOUR,
  },
  {
    ...homelab,
    anchor: 'nov-30-black-hole',
    when: 'Nov 30, 13:31',
    beganWith: 'stalls, 1.4 in ten minutes; dark at 13:59',
    world: (well, cluster) =>
      inOrder(
        stalls(JARVIS, 'sustained', (minute) => (minute < BEGINS ? 1 : 2)),
        dark(JARVIS, BEGINS + 28, cluster),
      )(well),
    outageAfter: 28,
    minutes: 2 * HOUR,
  },
  {
    ...homelab,
    anchor: 'nov-30-watchdog',
    when: 'Nov 30, 17:50',
    beganWith: 'a reboot by the watchdog',
    world: rebooted(true),
    outageAfter: 0,
    minutes: HOUR,
  },
  {
    ...homelab,
    anchor: 'apr-3-reboot-loop',
    when: 'Apr 3',
    beganWith: 'the first of ten reboots in three hours',
    world: looping,
    outageAfter: 0,
    minutes: 4 * HOUR,
  },
  {
    ...homelab,
    anchor: 'apr-5-slow',
    when: 'Apr 5, first',
    beganWith: 'a reboot by the watchdog',
    world: rebooted(true),
    outageAfter: 0,
    minutes: HOUR,
  },
  {
    ...homelab,
    anchor: 'apr-5-burst',
    when: 'Apr 5, second',
    beganWith: '30 stalls in 60 s, then frozen',
    world: (well, cluster) => dark(JARVIS, BEGINS + 1, cluster)(well),
    outageAfter: 1,
    minutes: HOUR,
  },
  {
    ...homelab,
    anchor: 'apr-6-8-leak',
    when: 'Apr 6',
    beganWith: 'a stall every two and a half minutes',
    world: leak,
    outageAfter: 1830,
    minutes: 5 * HOUR,
  },
  {
    ...homelab,
    anchor: 'argocd-wiped',
    when: 'no date',
    beganWith: "Argo CD's control plane is deleted",
    world: (well, { gitops }) => wiped(gitops.namespace, BEGINS)(well),
    outageAfter: null,
    minutes: HOUR,
  },
];
