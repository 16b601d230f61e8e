/** What the RCU watchdogs of a cluster leave in the textfile folders, on kernels that stall as little as they do when well. */
import type { Cluster, ClusterNode } from '../../../../src/cluster/cluster.js';
import { isStream, type Watched, watchedGroups } from '../../../../src/layers/rcu-watchdog/watched.js';
import { counter, type Series, series, type World } from '../world.js';
import { scrapeOf } from './nodes.js';

export const WATCHDOG_FILE = '/host/textfile/selfheal_watchdog.prom';

export const rcuWatchdog = (cluster: Cluster): World =>
  cluster.monitoring?.textfileCollector
    ? watchedGroups(cluster).flatMap((group) => group.nodes.flatMap((node) => ofNode(group, node)))
    : [];

function ofNode(group: Watched, node: ClusterNode): World {
  const of = (metric: string, values: Series['values'] | number, labels: Series['labels'] = {}) =>
    series(metric, { ...scrapeOf(node), ...labels }, values);
  const own = (metric: string, values: Series['values'] | number, labels?: Series['labels']) =>
    of(`selfheal_watchdog_${metric}`, values, labels);
  const { rcuWatchdog } = group;
  const every = rcuWatchdog.form === 'stream' ? 1 : rcuWatchdog.checkEvery.seconds / 60;
  return [
    // Ten seconds before the scrape, or when it last came by.
    of('node_textfile_mtime_seconds', (minute) => Math.floor(minute / every) * every * 60 - 10, {
      file: WATCHDOG_FILE,
    }),
    own('up', 1),
    own('reboots_total', 4),
    own('budget_remaining', rcuWatchdog.maxRebootsInARow),
    own('held', 0),
    own('evidence_files', 1),
    own('evidence_timestamp_seconds', -86_400, { boot: '11111111-2222-3333-4444-555555555555', path: 'sustained' }),
    // None to two in ten minutes.
    own('stalls', (minute) => (minute % 10 === 0 ? 1 : 0), { window: 'burst' }),
    own('stalls', (minute) => (minute % 30 < 10 ? 3 : 1), { window: 'sustained' }),
    own('stalls', rcuWatchdog.form === 'stream' ? 40 : 0, { window: 'chronic' }),
    own('threshold', rcuWatchdog.burst.stalls, { window: 'burst' }),
    own('threshold', rcuWatchdog.sustained.stalls, { window: 'sustained' }),
    ...(isStream(group)
      ? [
          own('threshold', group.rcuWatchdog.chronic.stalls, { window: 'chronic' }),
          own('calibrated', 1),
          own('black_hole', 0),
          own('events_total', counter(0.1, 4000), { kind: 'report' }),
          own('events_total', counter(0.1, 4000), { kind: 'grace-period' }),
          own('events_total', 3, { kind: 'oom-kill' }),
          ...['hung-task', 'soft-lockup', 'hard-lockup', 'nfs-not-responding', 'unparsed', 'lost'].map((kind) =>
            own('events_total', 0, { kind }),
          ),
        ]
      : []),
  ];
}
