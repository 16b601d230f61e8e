/**
 * From the kernel log to the pager: the real watchdog reboots a real machine, a real node_exporter shows what it wrote, a
 * real Prometheus evaluates the rules of dist/, and a real Alertmanager with the routes of dist/ tells a webhook.
 *
 * Not real: kube-state-metrics, the network between them, that Prometheus asks once a second and Alertmanager waits for
 * seconds, and a machine's uptime, which is this machine's for the watchdog and its own for node_exporter.
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

interface Node {
  readonly machine: Machine;
  readonly exporter: NodeExporter;
}

describeWith(
  [
    'systemd-nspawn',
    'busybox',
    'flock',
    'unshare',
    'prometheus',
    'prometheus-node-exporter',
    'prometheus-alertmanager',
  ],
  'from the kernel log to the pager',
  () => {
    const monitoring = new Monitoring();
    const { cluster, webhook } = monitoring;
    let log: KernelLog;
    let watched: WatchedNode;
    const nodes = new Map<string, Node>();

    beforeAll(async () => {
      log = await KernelLog.take();
      log.quiet();
      const spec = {
        nodes: { jarvis: MINIMAL_SPEC.nodes.lamp },
        hosts: [{ nodes: ['jarvis'], rcuWatchdog: WATCHDOG }],
      };
      watched = new WatchedNode(minimal(spec), 'jarvis');
      await add('jarvis', watched.machine);
      for (const name of ['ultron', 'friday']) await add(name, new Machine());
      await Promise.all([watched.start(), node('ultron').machine.boot(), node('friday').machine.boot()]);
      await watched.listening();
      const exporters = [...nodes.values()].map(({ exporter }) => exporter);
      for (const exporter of exporters) await exporter.start();
      await monitoring.start(exporters);
    });

    afterAll(async () => {
      await monitoring.destroy();
      for (const { machine } of nodes.values()) await machine.crash();
      for (const { machine, exporter } of nodes.values()) {
        await (machine === watched.machine ? watched : machine).destroy();
        await exporter.destroy();
      }
      log?.release();
    });

    async function add(name: string, machine: Machine): Promise<void> {
      nodes.set(name, { machine, exporter: await NodeExporter.on(machine, name) });
    }

    function node(name: string): Node {
      const found = nodes.get(name);
      if (found === undefined) throw new Error(`node '${name}': expected it among ${[...nodes.keys()].join()}`);
      return found;
    }

    /** The kubelet starts node_exporter again. */
    async function upAgain({ machine, exporter }: Node): Promise<void> {
      await exporter.gone();
      await machine.boot();
      await exporter.start();
    }

    const cordoned = (name: string) => `kube_node_spec_unschedulable{node="${name}"}`;
    const reboots = (name: string) => `resets(node:node_uptime_seconds:max{node="${name}"}[1d])`;

    async function expectArrival(alert: string, name: string, receiver: 'page' | 'message'): Promise<void> {
      const arrival = await webhook.arrival(alert);
      expectRule(arrival, await monitoring.prometheus.rule(alert), { node: name });
      expect(arrival.to).toBe(`/${receiver}`);
    }

    test('hears nothing while all nodes are well, and every rule was evaluated on their real series', async () => {
      await monitoring.until('count(node:node_uptime_seconds:max > 0)', (count) => count === nodes.size);
      await monitoring.until('node:selfheal_watchdog_reboots:max{node="jarvis"}', (count) => count === 0);

      const rules = await monitoring.prometheus.rules();

      expect(rules.length).toBeGreaterThan(40);
      expect(rules.filter(({ health, lastError }) => health !== 'ok' || lastError)).toEqual([]);
      expect(webhook.names()).toEqual([]);
    });

    test('hears nothing of a reboot that was planned', async () => {
      const friday = node('friday');
      cluster.cordon('friday');
      await monitoring.until(cordoned('friday'), (value) => value === 1);

      expect(await friday.machine.end('reboot')).toBe(REBOOTED);
      await upAgain(friday);
      cluster.cordon('friday', 'no');

      await monitoring.until(reboots('friday'), (count) => count === 1);
      await monitoring.until(cordoned('friday'), (value) => value === 0);
      expect(webhook.names()).toEqual([]);
    });

    test('hears that a node lost its power', async () => {
      const ultron = node('ultron');

      await ultron.machine.crash();
      await upAgain(ultron);

      await expectArrival('NodeUnexpectedReboot', 'ultron', 'message');
    });

    test('hears it is over once somebody cordons the node to look at it', async () => {
      cluster.cordon('ultron');

      const { labels } = await webhook.arrival('NodeUnexpectedReboot', 'resolved');

      expect(labels.node).toBe('ultron');
    });

    test('hears that the watchdog rebooted a node, and is woken since it cannot do that again', async () => {
      const jarvis = node('jarvis');

      log.stalls(STALLS);
      expect(await jarvis.machine.goneDown(20)).toBe(REBOOTED);
      log.quiet(); // a real kernel would begin with an empty ring
      await upAgain(jarvis);

      await expectArrival('RcuWatchdogRebootedNode', 'jarvis', 'message');
      await expectArrival('RcuWatchdogBudgetSpent', 'jarvis', 'page');
    });

    test('hears nothing else: not of the planned reboot, and of the watchdog’s not twice', async () => {
      await monitoring.suppressed('NodeUnexpectedReboot', { node: 'jarvis' });

      expect([...webhook.names()].sort()).toEqual([
        '/message NodeUnexpectedReboot ultron firing',
        '/message NodeUnexpectedReboot ultron resolved',
        '/message RcuWatchdogRebootedNode jarvis firing',
        '/page RcuWatchdogBudgetSpent jarvis firing',
      ]);
    });
  },
);
