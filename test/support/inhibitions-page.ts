/** docs/inhibitions.md: the table of what silences what, and the same for an Alertmanager without the operator. */
import { stringify } from 'yaml';
import type { Cluster } from '../../src/cluster/cluster.js';
import homelabSpec from '../../src/clusters/homelab.js';
import { inhibitRule } from '../../src/layers/alerts/alertmanager-config.js';
import { type Inhibition, inhibitions, type Side } from '../../src/layers/alerts/inhibitions.js';
import { alertmanagerConfigOf, inhibitRuleYml, receiverYml, routeYml } from './alertmanager-config.js';
import { minimal, parsed } from './clusters.js';

/** One entry of `hosts`, with names that nobody takes for their own. */
const EXAMPLE_HOSTS = minimal({ hosts: [{ nodes: ['lamp'] }] }).hosts.map((group) => ({
  ...group,
  name: 'DAEMONSET',
  nodes: group.nodes.map((node) => ({ ...node, name: 'NODE' })),
}));

export function inhibitionsPage(): string {
  const everywhere = inhibitions({ hosts: [], nodes: [], dns: { replicas: 2 } });
  const special = (cluster: Pick<Cluster, 'hosts' | 'nodes'>) =>
    inhibitions({ ...cluster, dns: null }).filter((entry) => !everywhere.includes(entry));
  const ofHosts = special({ hosts: EXAMPLE_HOSTS, nodes: [] });
  const ofOnlyServer = special({ hosts: [], nodes: EXAMPLE_HOSTS.flatMap(({ nodes }) => nodes) });
  return `# What silences what

Written from \`src/layers/alerts/inhibitions.ts\` by \`npm run update\`. How it reaches an Alertmanager, and what is kept
apart on purpose: [alerts](layers/alerts.md#one-cause-one-message).

| while this fires | these are not sent | on the same | because |
|---|---|---|---|
${everywhere.map(row).join('\n')}

The row with CoreDnsOnOneNode is there where the description asks for two replicas, not for more. Where the control plane
is a single node:

| while this fires | these are not sent | on the same | because |
|---|---|---|---|
${ofOnlyServer.map(row).join('\n')}

Then, for each DaemonSet of node-bootstrap and its nodes, and the second row only where it has a single node:

| while this fires | these are not sent | on the same | because |
|---|---|---|---|
${ofHosts.map(row).join('\n')}

## Without the operator

Put this into \`alertmanager.yml\`; the rules go beside those that are there, the route before the others. Fill in the names
of your DaemonSets and nodes, and where messages go.

\`\`\`yaml
${fragment([...everywhere, ...ofOnlyServer, ...ofHosts])}\`\`\`
`;
}

const row = ({ source, target, equal, why, incident }: Inhibition): string =>
  `| ${side(source)} | ${side(target)} | ${equal.join(', ') || '–'} | ${why} [Incident](incidents.md#${incident}) |`;

const side = ({ alerts, where = {} }: Side): string =>
  [
    alerts.map((alert) => `[${alert}](runbooks/${alert.toLowerCase()}.md)`).join(', '),
    ...Object.entries(where).map(([label, values]) => `with \`${label}\` ${values.join(', ')}`),
  ].join(' ');

function fragment(entries: readonly Inhibition[]): string {
  const notify = {
    kind: 'webhook',
    urlSecret: { name: 'x', key: 'page' },
    warningUrlSecret: { name: 'x', key: 'message' },
    alerts: 'all',
  };
  const config = alertmanagerConfigOf(parsed({ ...homelabSpec, monitoring: { ...homelabSpec.monitoring, notify } }));
  const { route, receivers = [] } = config?.spec ?? {};
  if (route === undefined) throw new Error('homelab: expected a route where the description notifies, got none');
  const named = (receiver: string): string => `selfheal-${receiver}`;
  return stringify(
    {
      inhibit_rules: entries.map((entry) => inhibitRuleYml(JSON.parse(JSON.stringify(inhibitRule(entry))))),
      route: { receiver: 'nobody', routes: [routeYml(route, named)] },
      receivers: [
        { name: 'nobody' },
        ...receivers.map((receiver) => receiverYml(receiver, named, ({ key }) => `https://receiver.example/${key}`)),
      ],
    },
    { lineWidth: 0 },
  );
}
