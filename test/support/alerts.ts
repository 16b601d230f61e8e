/** The alerts of every cluster that has some, as they are rendered. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import type { Cluster } from '../../src/cluster/cluster.js';
import { toYaml } from '../../src/manifest/yaml.js';
import { homelab, MINIMAL_SPEC, minimal, objectsOf, parsed, pvek8s } from './clusters.js';

interface RenderedRule {
  readonly alert?: string;
  readonly record?: string;
  readonly expr: string;
  readonly for?: string;
  readonly labels?: { readonly severity: string };
  readonly annotations?: { readonly summary: string; readonly description: string; readonly runbook_url: string };
}

interface RenderedGroup {
  readonly name: string;
  readonly rules: readonly RenderedRule[];
}

const COPY = {
  to: { host: '192.0.2.20', user: 'copy', path: '/tank/attic', hostKey: `ssh-ed25519 AAAA${'C3Nz'.repeat(16)}` },
  at: '01:00',
  bandwidthLimitKibPerSecond: 4000,
  keySecret: { name: 'copy-key', key: 'id' },
} as const;

/**
 * The invented cluster with what neither of the two of the project has: Longhorn's backups to an object store, a
 * watchdog that comes by on a timer, and a backup to a second place.
 */
export const attic = (): Cluster =>
  minimal({
    monitoring: {
      install: 'existing',
      namespace: 'watch',
      ruleLabels: { release: 'prom' },
      alertmanagerConfigLabels: { release: 'prom' },
      textfileCollector: true,
    },
    hosts: [{ nodes: ['lamp'], rcuWatchdog: { form: 'timer' }, checks: { nrpe: 'off' } }],
    backup: {
      ...COPY,
      from: 'lamp',
      offsite: { ...COPY, to: { ...COPY.to, host: '198.51.100.7' }, at: '23:00', staleAfter: '30h' },
    },
    longhorn: {
      version: '1.12.2',
      dailySnapshot: { at: '03:00', retain: 7 },
      detachedVolumes: 'leave-out',
      excludeVolumes: ['media/downloads', 'scratch'],
      backupTarget: {
        kind: 's3',
        bucket: 'attic',
        region: 'eu-1',
        credentialSecret: 's3-credentials',
        backup: { at: '04:00', retain: 7 },
      },
    },
  });

/** Before Longhorn said when it last backed a volume up; with a backup of whose runs nobody reads what they write. */
const pantry = (): Cluster =>
  minimal({
    name: 'pantry',
    monitoring: { install: 'existing', namespace: 'watch', ruleLabels: { release: 'prom' } },
    backup: { ...COPY, form: 'mirror', from: 'lamp' },
    longhorn: {
      version: '1.10.2',
      backupTarget: {
        kind: 's3',
        bucket: 'pantry',
        region: 'eu-1',
        credentialSecret: 's3-credentials',
        backup: { at: '04:00', retain: 7 },
      },
    },
  });

const EVERY_DAY = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'];

/** Two nodes that are rebooted by themselves at night. */
const shed = (): Cluster =>
  parsed({
    ...MINIMAL_SPEC,
    name: 'shed',
    nodes: { lamp: MINIMAL_SPEC.nodes.lamp, bulb: { ...MINIMAL_SPEC.nodes.lamp, role: 'agent', address: '192.0.2.8' } },
    monitoring: { install: 'existing', namespace: 'watch', ruleLabels: { release: 'prom' }, textfileCollector: true },
    hosts: [{ nodes: ['lamp'] }, { nodes: ['bulb'] }],
    reboots: { schedule: { days: EVERY_DAY, start: '03:00', end: '05:00' } },
  });

/** Who asks for the same cluster twice gets the same: rendered once, it is known. */
const once = (make: () => Cluster): (() => Cluster) => {
  let made: Cluster | undefined;
  return () => {
    made ??= make();
    return made;
  };
};

export const ALERTED: ReadonlyMap<string, () => Cluster> = new Map([
  ['homelab', once(homelab)],
  ['pvek8s', once(pvek8s)],
  ['attic', once(attic)],
  ['pantry', once(pantry)],
  ['shed', once(shed)],
]);

const remembered = <T>(of: (cluster: Cluster) => T): ((cluster: Cluster) => T) => {
  const known = new WeakMap<Cluster, T>();
  return (cluster) => {
    const value = known.get(cluster) ?? of(cluster);
    known.set(cluster, value);
    return value;
  };
};

/** Read back from the YAML that is written: what Prometheus gets, not what we meant. */
export const groupsOf = remembered((cluster): readonly RenderedGroup[] =>
  objectsOf(cluster, 'alerts')
    .filter(({ kind }) => kind === 'PrometheusRule')
    .flatMap((manifest) => parse(toYaml(manifest)).spec.groups),
);

/** The same, but for the clusters of the project as it stands in `dist/`: what Argo CD syncs. */
export const groupsInDist = remembered((cluster): readonly RenderedGroup[] => {
  const folder = new URL(`../../dist/${cluster.name}/alerts/`, import.meta.url);
  if (!existsSync(folder)) return groupsOf(cluster);
  return readdirSync(folder)
    .filter((file) => file.startsWith('prometheusrule-'))
    .flatMap((file) => parse(readFileSync(new URL(file, folder), 'utf8')).spec.groups);
});

export const rulesOf = (cluster: Cluster): readonly RenderedRule[] => groupsOf(cluster).flatMap(({ rules }) => rules);

export const alertNames = (cluster: Cluster): readonly string[] => [
  ...new Set(rulesOf(cluster).flatMap(({ alert }) => alert ?? [])),
];
