/** What stands at the end of the way: an HTTP server that takes what Alertmanager sends, as a pager's would. */
import { createServer, type IncomingMessage } from 'node:http';
import { until } from './machine.js';

/** One alert of a notification, as Alertmanager's documentation of webhooks has it. */
export interface Arrival {
  /** The path that it was sent to. */
  readonly to: string;
  readonly status: 'firing' | 'resolved';
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export class Webhook {
  /** Everything that arrived, in its order. */
  readonly arrivals: Arrival[] = [];
  private readonly server = createServer((request, response) => {
    this.take(request).then(
      () => response.end(),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const bound = this.server.address();
    if (bound === null || typeof bound === 'string') throw new Error(`webhook: expected a port, got ${bound}`);
    return `http://127.0.0.1:${bound.port}`;
  }

  /** Waits for an alert of a name. */
  async arrival(alert: string, status: Arrival['status'] = 'firing', seconds = 40): Promise<Arrival> {
    const find = () => this.arrivals.find((one) => one.labels.alertname === alert && one.status === status);
    await until(
      `to send ${alert} (${status}), got ${JSON.stringify(this.names())},`,
      () => find() !== undefined,
      seconds,
    );
    const arrival = find();
    if (arrival === undefined) throw new Error(`webhook: ${alert} came and went`);
    return arrival;
  }

  names(): readonly string[] {
    return this.arrivals.map(({ to, labels, status }) => `${to} ${labels.alertname} ${labels.node ?? '-'} ${status}`);
  }

  private async take(request: IncomingMessage): Promise<void> {
    let body = '';
    for await (const chunk of request) body += chunk;
    const { alerts }: { alerts: readonly Omit<Arrival, 'to'>[] } = JSON.parse(body);
    this.arrivals.push(...alerts.map((alert) => ({ ...alert, to: request.url ?? '' })));
  }

  async destroy(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
