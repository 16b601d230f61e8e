/**
 * From the kernel log to the pager: the real watchdog reboots a real machine, a real node_exporter shows what it wrote, a
 * real Prometheus evaluates the rules of dist/, and a real Alertmanager tells a webhook.
 *
 * Not real: kube-state-metrics, the network between them, that Prometheus asks once a second, and the machine's uptime,
 * which is this machine's for the watchdog and its own for node_exporter.
 */
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { RcuWatchdogSpec } from '../../src/cluster/spec/rcu-watchdog.js';
import { MINIMAL_SPEC, minimal } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { expectRule } from './expect-rule.js';
import { KernelLog } from './kernel-log.js';
import { Machine } from './machine.js';
import { Monitoring } from './monitoring.js';
import { NodeExporter } from './node-exporter.js';
import { WatchedNode } from './watched-node.js';

const REBOOTED = 133;
const STALLS = 5;

/** One reboot spends the budget: both alerts in one go. */
const WATCHDOG: RcuWatchdogSpec = {
  burst: { stalls: STALLS, within: '2min' },
  sustained: { stalls: STALLS * 10, within: '15min' },
  startupGrace: '1min',
  maxRebootsInARow: 1,
  healthyAfter: '7d',
  blackHole: 'off',
};

const TOOLS = ['systemd-nspawn', 'busybox', 'flock', 'unshare'];

describeWith(
  [...TOOLS, 'prometheus', 'prometheus-node-exporter', 'prometheus-alertmanager'],
  'from the kernel log to the pager',
  () => {
    const monitoring = new Monitoring();
    const { cluster, webhook } = monitoring;
    let log: KernelLog;
    let jarvis: WatchedNode;
    let ultron: Machine;
    let exporters: readonly [NodeExporter, NodeExporter];

    beforeAll(async () => {
      log = await KernelLog.take();
      log.quiet();
      const nodes = { jarvis: MINIMAL_SPEC.nodes.lamp };
      jarvis = new WatchedNode(minimal({ nodes, hosts: [{ nodes: ['jarvis'], rcuWatchdog: WATCHDOG }] }), 'jarvis');
      ultron = new Machine();
      exporters = [await NodeExporter.on(jarvis.machine, 'jarvis'), await NodeExporter.on(ultron, 'ultron')];
      await Promise.all([jarvis.start(), ultron.boot()]);
      await jarvis.listening();
      for (const exporter of exporters) await exporter.start();
      await monitoring.start(exporters);
    }, 300_000);

    afterAll(async () => {
      await monitoring.destroy();
      await jarvis?.destroy();
      await ultron?.destroy();
      for (const exporter of exporters ?? []) await exporter.destroy();
      log?.release();
    }, 60_000);

    test('hears nothing while both nodes are well, and every rule has been evaluated on their real series', async () => {
      await monitoring.until('count(node:node_uptime_seconds:max > 0)', (nodes) => nodes === 2);
      await monitoring.until('node:selfheal_watchdog_reboots:max{node="jarvis"}', (reboots) => reboots === 0);

      const rules = await monitoring.prometheus.rules();

      expect(rules.length).toBeGreaterThan(40);
      expect(rules.filter(({ health, lastError }) => health !== 'ok' || lastError)).toEqual([]);
      expect(webhook.arrivals).toEqual([]);
    });

    test('hears nothing of a reboot that was planned', async () => {
      cluster.cordon('ultron');
      await monitoring.until('kube_node_spec_unschedulable{node="ultron"}', (cordoned) => cordoned === 1);

      expect(await ultron.end('reboot')).toBe(REBOOTED);
      await exporters[1].gone();
      await ultron.boot();
      await exporters[1].start();
      cluster.cordon('ultron', 'no');

      await monitoring.until('resets(node:node_uptime_seconds:max{node="ultron"}[1d])', (reboots) => reboots === 1);
      await monitoring.until('kube_node_spec_unschedulable{node="ultron"}', (cordoned) => cordoned === 0);
      expect(webhook.arrivals).toEqual([]);
    });

    test('hears of a reboot by the watchdog, in words and with a page that exists', async () => {
      log.stalls(STALLS);
      expect(await jarvis.machine.goneDown(20)).toBe(REBOOTED);
      await exporters[0].gone();
      log.quiet(); // a real kernel would begin with an empty ring
      await jarvis.machine.boot();
      await exporters[0].start();

      for (const alert of ['NodeUnexpectedReboot', 'RcuWatchdogRebootedNode', 'RcuWatchdogBudgetSpent'])
        expectRule(await webhook.arrival(alert), await monitoring.prometheus.rule(alert), { node: 'jarvis' });
    });

    test('hears it is over once somebody cordons the node to look at it', async () => {
      cluster.cordon('jarvis');

      const { labels } = await webhook.arrival('NodeUnexpectedReboot', 'resolved');

      expect(labels.node).toBe('jarvis');
    });

    test('has heard nothing else', () => {
      expect([...webhook.names()].sort()).toEqual([
        'NodeUnexpectedReboot jarvis firing',
        'NodeUnexpectedReboot jarvis resolved',
        'RcuWatchdogBudgetSpent jarvis firing',
        'RcuWatchdogRebootedNode jarvis firing',
      ]);
    });
  },
);
