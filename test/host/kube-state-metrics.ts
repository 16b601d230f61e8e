/**
 * Stands for kube-state-metrics, which needs an API server: it serves what a test says of the cluster under the names and
 * labels that kube-state-metrics has for it. Nothing here computes: what the series mean is in its documentation.
 */
import { createServer } from 'node:http';

export class KubeStateMetrics {
  private readonly series = new Map<string, number>();
  private readonly server = createServer((_, response) => {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4').end(this.exposition());
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const bound = this.server.address();
    if (bound === null || typeof bound === 'string')
      throw new Error(`kube-state-metrics: expected a port, got ${bound}`);
    return `127.0.0.1:${bound.port}`;
  }

  set(series: string, value: number): void {
    this.series.set(series, value);
  }

  /** A node that is Ready, and the pod of its node-exporter. */
  addNode(node: string, exporterPod: string): void {
    this.set(`kube_node_info{node="${node}"}`, 1);
    this.set(`kube_node_status_condition{node="${node}",condition="Ready",status="true"}`, 1);
    this.set(
      `kube_pod_info{namespace="monitoring",pod="${exporterPod}",uid="${node}",node="${node}",created_by_kind="DaemonSet",created_by_name="kube-prometheus-stack-prometheus-node-exporter"}`,
      1,
    );
    this.cordon(node, 'no');
  }

  cordon(node: string, cordoned: 'yes' | 'no' = 'yes'): void {
    this.set(`kube_node_spec_unschedulable{node="${node}"}`, cordoned === 'yes' ? 1 : 0);
  }

  /** A CronJob that has succeeded just now. */
  addCronJob(namespace: string, cronjob: string): void {
    this.set(`kube_cronjob_created{namespace="${namespace}",cronjob="${cronjob}"}`, now());
    this.succeeded(namespace, cronjob);
  }

  /** A run of a CronJob ended with a status, as the Job controller would take it. */
  ran(namespace: string, cronjob: string, run: string, status: number | null): void {
    if (status === 0) this.succeeded(namespace, cronjob);
    else this.failed(`namespace="${namespace}",job_name="${cronjob}-${run}"`, cronjob);
  }

  private failed(job: string, cronjob: string): void {
    this.set(`kube_job_status_start_time{${job}}`, now());
    this.set(`kube_job_owner{${job},owner_kind="CronJob",owner_name="${cronjob}",owner_is_controller="true"}`, 1);
    this.set(`kube_job_failed{${job},condition="true"}`, 1);
  }

  private succeeded(namespace: string, cronjob: string): void {
    this.set(`kube_cronjob_status_last_successful_time{namespace="${namespace}",cronjob="${cronjob}"}`, now());
  }

  /** The families one after the other, each with its type. */
  private exposition(): string {
    const family = (series: string) => series.slice(0, series.indexOf('{'));
    const families = [...new Set([...this.series.keys()].map(family))];
    return families
      .flatMap((name) => [
        `# TYPE ${name} gauge`,
        ...[...this.series]
          .filter(([series]) => family(series) === name)
          .map(([series, value]) => `${series} ${value}`),
      ])
      .map((line) => `${line}\n`)
      .join('');
  }

  async destroy(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}

const now = (): number => Date.now() / 1000;
