/**
 * Monitors for Uptime Kuma 1.x, in the format of its backups, which `Settings > Backup > Import` reads.
 *
 * Its import reads `active` as a number: anything else than 1 comes in as paused. A ping and a port are monitors of their
 * own there, and each tells on its own: Uptime Kuma knows no "only when both fail".
 */
import type { Reachability } from '../../cluster/cluster.js';
import { NODE_PORTS, PERIOD_SECONDS } from './looks.js';

/** From 1.7.0 on the import reads retryInterval and tags. */
const FORMAT = '1.23.16';

/** The time limit of a monitor is 0.8 of its interval, and the next look begins an interval after the end of the last. */
const TIMEOUT_SECONDS = PERIOD_SECONDS * 0.8;

interface KumaMonitor {
  readonly name: string;
  readonly type: 'ping' | 'port';
  readonly hostname: string;
  readonly port: number | null;
  readonly interval: number;
  readonly retryInterval: number;
  readonly maxretries: number;
  readonly [field: string]: unknown;
}

interface KumaBackup {
  readonly version: string;
  readonly notificationList: readonly never[];
  readonly monitorList: readonly KumaMonitor[];
}

export function uptimeKumaBackup({ nodes, tolerate }: Reachability): KumaBackup {
  const maxretries = Math.max(0, Math.floor(tolerate.seconds / (PERIOD_SECONDS + TIMEOUT_SECONDS)) - 1);
  const [ssh] = NODE_PORTS;
  return {
    version: FORMAT,
    notificationList: [],
    monitorList: nodes.flatMap(({ name, address }) => [
      monitor(`${name} ping`, 'ping', address, null, maxretries),
      monitor(`${name} SSH`, 'port', address, ssh, maxretries),
    ]),
  };
}

function monitor(
  name: string,
  type: KumaMonitor['type'],
  hostname: string,
  port: number | null,
  maxretries: number,
): KumaMonitor {
  return {
    name,
    description: null,
    type,
    url: 'https://',
    method: 'GET',
    body: null,
    headers: null,
    authMethod: null,
    basic_auth_user: null,
    basic_auth_pass: null,
    hostname,
    port,
    active: 1,
    timeout: TIMEOUT_SECONDS,
    interval: PERIOD_SECONDS,
    retryInterval: PERIOD_SECONDS,
    resendInterval: 0,
    maxretries,
    keyword: null,
    invertKeyword: false,
    ignoreTls: false,
    upsideDown: false,
    maxredirects: 10,
    accepted_statuscodes: ['200-299'],
    dns_resolve_type: 'A',
    dns_resolve_server: '1.1.1.1',
    notificationIDList: {},
    tags: [],
  };
}
