/** Everything that a group's hosts receive, as the data of ConfigMaps: the host program, its plan, the files. */
import type { HostGroup } from '../../cluster/cluster.js';
import type { HostState } from '../../host/host-state.js';
import { readScript } from '../script.js';
import { planLines, withBootMenu } from './plan.js';

/** Names of ConfigMap keys to contents. */
export type Payload = ReadonlyMap<string, string>;

/** The parts of the host program; converge.sh sources the others. */
const HOST_PROGRAM = [
  'converge.sh',
  'at-once.sh',
  'boot-loader.sh',
  'cmdline.sh',
  'effects.sh',
  'entries.sh',
  'families.sh',
  'files.sh',
  'flags.sh',
  'parameters.sh',
  'paths.sh',
  'place.sh',
  'plan.sh',
  'probe.sh',
  'state.sh',
  'units.sh',
] as const;

/** What the pod itself runs, and what it runs on the host beside the host program. */
const POD_PROGRAM = ['stage.sh', 'watch.sh', 'report.sh', 'textfile.sh'] as const;

/** What says how the host is: its parts that are its own, and those that the checks of a host have too. */
const REPORT = [
  'host-report.sh',
  'reboot-metrics.sh',
  'report-boot.sh',
  'report-disks.sh',
  'report-network.sh',
] as const;
const REPORT_OF_CHECKS = ['nat-rules.sh', 'unit-log.sh', 'watchdog-report.sh'] as const;

/** What the API server takes at most in one ConfigMap. */
const CONFIG_MAP_LIMIT = 1024 * 1024;

export function payloadOf(group: HostGroup, wanted: HostState): Payload {
  const state = withBootMenu(group, wanted);
  const own = [...POD_PROGRAM, ...HOST_PROGRAM, ...REPORT].map((name) => ['node-bootstrap', name] as const);
  const shared = REPORT_OF_CHECKS.map((name) => ['checks', name] as const);
  const scripts = [...own, ...shared].map(([layer, name]) => [name, readScript(layer, name)] as const);
  const files = state.files.map(({ path, content }) => [payloadKey(path), content] as const);
  const entries = [...scripts, ['plan', planLines(group, state)] as const, ...files];
  const payload = new Map(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  if (payload.size < entries.length) {
    const keys = entries.map(([key]) => key);
    const twice = keys.find((key, index) => keys.indexOf(key) < index);
    throw new Error(
      `host state of '${group.name}': expected a key of its own for each path, got ${JSON.stringify(twice)} twice`,
    );
  }
  refuseTooLarge(group, payload);
  return payload;
}

/** The key under which a file travels: `/etc/sysctl.d/x.conf` is `host_etc_sysctl.d_x.conf`. */
export const payloadKey = (path: string): string => `host${path.replaceAll(/[^A-Za-z0-9.-]/g, '_')}`;

function refuseTooLarge({ name }: HostGroup, payload: Payload): void {
  const sizes = [...payload].map(([key, content]) => ({ key, bytes: Buffer.byteLength(content) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= CONFIG_MAP_LIMIT) return;
  const largest = sizes.reduce((a, b) => (b.bytes > a.bytes ? b : a));
  throw new Error(
    `ConfigMap '${name}': expected at most ${CONFIG_MAP_LIMIT} bytes, got ${total} (the largest part is ${largest.key} with ${largest.bytes})`,
  );
}
