/** Everything between a node's metrics and a pager: Prometheus, Alertmanager, the pager, and what stands for the cluster. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Alertmanager } from './alertmanager.js';
import { KubeStateMetrics } from './kube-state-metrics.js';
import type { LoopbackServer } from './loopback-server.js';
import type { NodeExporter } from './node-exporter.js';
import { Prometheus } from './prometheus.js';
import { Webhook } from './webhook.js';

export class Monitoring {
  readonly cluster = new KubeStateMetrics();
  readonly webhook = new Webhook();
  private readonly servers: LoopbackServer[] = [];
  private alertmanager: Alertmanager | undefined;

  /** Starts it all, with the nodes of some exporters. */
  async start(exporters: readonly NodeExporter[]): Promise<void> {
    const alertmanager = await Alertmanager.at(await this.webhook.start());
    this.alertmanager = alertmanager;
    this.servers.push(alertmanager);
    const targets = exporters.map(({ node, address }) => {
      const pod = `kube-prometheus-stack-prometheus-node-exporter-${node}`;
      this.cluster.addNode(node, pod);
      // What the operator writes for a ServiceMonitor, with the one relabeling of our values.
      const labels = { namespace: 'monitoring', pod, container: 'node-exporter', endpoint: 'http-metrics', node };
      return { job: 'node-exporter', address, labels };
    });
    const cluster = { job: 'kube-state-metrics', address: await this.cluster.start() };
    this.servers.push(await Prometheus.at([...targets, cluster], alertmanager.address));
  }

  get prometheus(): Prometheus {
    const prometheus = this.servers.find((server) => server instanceof Prometheus);
    if (prometheus === undefined) throw new Error('Prometheus: expected it to run, it was not started');
    return prometheus;
  }

  /** Waits until an expression has a value that is wanted. */
  async until(expression: string, wanted: (value: number) => boolean, seconds = 20): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      const value = await this.prometheus.value(expression);
      if (value !== undefined && wanted(value)) return;
      if (performance.now() > deadline)
        throw new Error(`query '${expression}': expected something else within ${seconds} s, got ${value}`);
      await sleep(100);
    }
  }

  /** Waits until Alertmanager has an alert and says that another one silences it. */
  async suppressed(alert: string, labels: Readonly<Record<string, string>>, seconds = 20): Promise<void> {
    const deadline = performance.now() + seconds * 1000;
    for (;;) {
      const state = await this.alertmanager?.state({ alertname: alert, ...labels });
      if (state === 'suppressed') return;
      if (performance.now() > deadline)
        throw new Error(`alert '${alert}': expected it suppressed within ${seconds} s, got ${JSON.stringify(state)}`);
      await sleep(100);
    }
  }

  async destroy(): Promise<void> {
    for (const server of this.servers) await server.destroy();
    await this.cluster.destroy();
    await this.webhook.destroy();
  }
}
