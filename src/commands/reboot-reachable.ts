/** Whether every host that a roll is to ask over SSH can be asked: found out before the first node is cordoned. */
import type { Cluster, RebootSsh } from '../cluster/cluster.js';
import { OperatorError } from '../errors.js';
import type { KubeApi } from '../live/kube-api.js';
import type { Wanted } from '../ops/reboot/plan.js';
import { remaining, rollOn } from '../ops/reboot/standing.js';
import type { Io } from './command.js';
import { look } from './reboot-look.js';
import { runOverSsh } from './ssh-run.js';

interface Asked {
  readonly api: KubeApi;
  readonly cluster: Cluster;
  readonly wanted: readonly Wanted[];
}

/** Of what the program that reboots needs; changes nothing. */
const PROBE = `
[[ $(id -u) == 0 ]] || { printf '%s\\n' "$(id -un) is not root there"; exit 1; }
type -P systemctl systemd-run timeout >/dev/null || { printf 'systemctl, systemd-run or timeout is missing\\n'; exit 1; }
`;

/** @throws OperatorError where one cannot be asked. */
export async function refuseUnreachable(
  { api, cluster, wanted }: Asked,
  { environment }: Pick<Io, 'environment'>,
): Promise<void> {
  const { ssh } = cluster.reboots;
  if (ssh.size === 0) return;
  const seen = await look(api, cluster);
  if (!seen.ok) throw new OperatorError(`${api.server}: expected an answer, got ${seen.failure.message}`);
  const { lease, nodes } = seen.value;
  const roll = rollOn(lease);
  const open = roll === null ? [] : remaining(roll, seen.value);
  // One that is marked may be on its way down, or up.
  const marked = nodes.filter(({ mark }) => mark !== null).map(({ name }) => name);
  const names = new Set([...open, ...wanted.map(({ node }) => node)]);
  const asked = [...ssh].filter(([name]) => names.has(name) && !marked.includes(name));
  const answers = await Promise.all(asked.map(([name, host]) => probed(name, host, environment)));
  const [first, ...more] = answers.flat();
  if (first === undefined) return;
  throw new OperatorError(first, [...more, 'nothing has been changed']);
}

async function probed(node: string, ssh: RebootSsh, environment: Io['environment']): Promise<readonly string[]> {
  const { sent, status, said } = await runOverSsh({
    ...{ node, ssh, environment, settings: [], program: PROBE },
    signal: new AbortController().signal,
    sending: () => undefined,
  });
  if (sent && status === 0) return [];
  const words = said === '' ? `ssh ended with ${status ?? 'no status'}` : said;
  const { user, host, port, sudo } = ssh;
  const how = `${user} at ${host}, port ${port}${sudo ? ', with sudo' : ''}`;
  return [`node ${node}: expected a root shell over SSH (${how}), got ${words}`];
}
