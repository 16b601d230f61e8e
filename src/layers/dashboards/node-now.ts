/** A node as it is now: its host, and what its watchdog may still do. */
import type { Cluster } from '../../cluster/cluster.js';
import { promql } from '../promql.js';
import { CHOSEN_UPTIME, ofChosen } from './chosen.js';
import { type Part, sideBySide, type ValuePanel } from './panel.js';

export const hostNow = ({ hosts }: Cluster, told: boolean): readonly ValuePanel[] =>
  sideBySide(
    UP_FOR,
    BOOTS,
    ...(hosts.some(({ hardwareWatchdog }) => hardwareWatchdog !== null) ? [HARDWARE_WATCHDOG] : []),
    ...(told && hosts.length > 0 ? [NOT_AS_IN_GIT] : []),
    CLOCK,
  );

const UP_FOR: Part = {
  kind: 'stat',
  title: 'Up for',
  description:
    "Since the boot, by the node's own clock. A node that is missing here is not scraped: look at it from outside.",
  queries: [{ expr: CHOSEN_UPTIME, legend: '{{node}}' }],
  unit: 's',
};

const BOOTS: Part = {
  kind: 'stat',
  title: 'Boots in 6 hours',
  description:
    'None is normal; planned ones count too. Three are a loop: find out what reboots the node before it does so again.',
  queries: [{ expr: `resets(${CHOSEN_UPTIME}[6h])`, legend: '{{node}}' }],
  unit: 'short',
  from: [
    { at: 1, is: 'worth a look', alert: 'NodeUnexpectedReboot', counts: true },
    { at: 3, is: 'bad', alert: 'NodeRepeatedReboots' },
  ],
};

const HARDWARE_WATCHDOG: Part = {
  kind: 'stat',
  title: 'Hardware watchdog',
  description:
    'Resets a board whose kernel is dead. Armed, with the seconds that it waits, is normal; a node that is missing here has none armed.',
  queries: [
    {
      expr: ofChosen(
        '(node_watchdog_timeout_seconds * on (namespace, pod, name) group_left () node_watchdog_info{state="active"})',
      ),
      legend: '{{node}}',
    },
  ],
  unit: 's',
  below: [{ at: 1, is: 'worth a look', alert: 'HardwareWatchdogNotArmed', counts: true }],
};

const NOT_AS_IN_GIT: Part = {
  kind: 'stat',
  title: 'Not as in Git',
  description:
    'Items of the host that somebody changed, or that were refused. Zero is normal. The log of the node-bootstrap pod on the node names them.',
  queries: [
    {
      expr: ofChosen('sum by (namespace, pod) (selfheal_bootstrap_items{state=~"drifted|refused"})'),
      legend: '{{node}}',
    },
  ],
  unit: 'short',
  from: [{ at: 1, is: 'worth a look', alert: 'NodeBootstrapDrifted' }],
};

const CLOCK: Part = {
  kind: 'stat',
  title: 'Clock',
  description:
    'Whether the kernel says that its clock is kept by a time server. A Raspberry Pi has none of its own: after a boot it is wrong for a while.',
  queries: [{ expr: ofChosen('node_timex_sync_status'), legend: '{{node}}' }],
  unit: 'short',
  words: { 0: { text: 'NOT KEPT', is: 'worth a look' }, 1: { text: 'kept', is: 'good' } },
};

export const watchdogNow = ({ hosts }: Cluster): readonly ValuePanel[] =>
  sideBySide(BUDGET, STATE, DARK, lastLook(hosts), REPORTS);

const BUDGET: Part = {
  kind: 'stat',
  title: 'Reboots left',
  description:
    'What the watchdog may still ask for in a row. Three is normal. At zero it only reports, until the node has been healthy for a while: a person has to look.',
  queries: [{ expr: ofChosen('selfheal_watchdog_budget_remaining'), legend: '{{node}}' }],
  unit: 'short',
  below: [{ at: 1, is: 'bad', alert: 'RcuWatchdogBudgetSpent' }],
};

const STATE: Part = {
  kind: 'stat',
  title: 'Wants to reboot',
  description: 'No is normal. Held back: it would reboot and may not. selfheal-watchdog status on the node says why.',
  queries: [{ expr: ofChosen('selfheal_watchdog_held'), legend: '{{node}}' }],
  unit: 'short',
  words: { 0: { text: 'no', is: 'good' }, 1: { text: 'HELD BACK', is: 'bad' } },
};

const DARK: Part = {
  kind: 'stat',
  title: 'Network, by its own word',
  description:
    'Whether gateway, other nodes and their API are all silent for it. While it is dark Prometheus hears of it only on the same node.',
  queries: [{ expr: ofChosen('selfheal_watchdog_black_hole'), legend: '{{node}}' }],
  unit: 'short',
  words: { 0: { text: 'answers', is: 'good' }, 1: { text: 'DARK', is: 'bad' } },
};

/** Five of its rounds: a minute for the service, as often as it looks for the timer. The slowest decides for all. */
const silenceOf = (hosts: Cluster['hosts']): number =>
  5 *
  Math.max(
    ...hosts.flatMap(({ rcuWatchdog }) => {
      if (rcuWatchdog === null) return [];
      return rcuWatchdog.form === 'timer' ? rcuWatchdog.checkEvery.seconds : 60;
    }),
  );

const lastLook = (hosts: Cluster['hosts']): Part => ({
  kind: 'stat',
  title: 'Last wrote its metrics',
  description:
    'Ago. One or two rounds is normal: of a minute, or of its timer. After five nobody watches the kernel of this node.',
  queries: [
    {
      expr: promql`
        ${ofChosen('node_time_seconds')}
        - on (node)
        ${ofChosen('node_textfile_mtime_seconds{file=~".*/selfheal_watchdog[.]prom"}')}`,
      legend: '{{node}}',
    },
  ],
  unit: 's',
  from: [{ at: silenceOf(hosts), is: 'worth a look', alert: 'RcuWatchdogSilent' }],
});

const REPORTS: Part = {
  kind: 'stat',
  title: 'Reports kept',
  description:
    'Evidence that lies on the node, in /var/lib/selfheal/rcu-watchdog/evidence, five at most. Zero is normal for a node that never stalled.',
  queries: [{ expr: ofChosen('selfheal_watchdog_evidence_files'), legend: '{{node}}' }],
  unit: 'short',
};
