/** The board's watchdog, as node-exporter shows it. */
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { series, type World } from '../world.js';
import { scrapeOf } from './nodes.js';

export const hardwareWatchdog = ({ hosts }: Cluster): World =>
  hosts.flatMap((group) =>
    group.hardwareWatchdog === null
      ? []
      : group.nodes.flatMap((node) => [
          series(
            'node_watchdog_info',
            {
              ...scrapeOf(node),
              ...{ name: 'watchdog0', identity: 'Broadcom BCM2835 Watchdog timer', status: '0x8180', state: 'active' },
              ...{ options: '', pretimeout_governor: '' },
            },
            1,
          ),
        ]),
  );
