/** From what a look found to what is to be said about it. */
import { identityOf } from '../../manifest/manifest.js';
import { applicationFindings, notDescribed } from './application-findings.js';
import { type ArgoView, argoView } from './argo-view.js';
import type { LiveFacts } from './facts.js';
import { hostFindings } from './host-findings.js';
import { objectFindings } from './object-findings.js';
import type { Finding, Report, Unknown } from './report.js';

export function driftOf(facts: LiveFacts): Report {
  const { cluster, applications, objects } = facts;
  const liveOf = new Map(objects.map(({ described, live }) => [identityOf(described), live]));
  const views = new Map(
    applications.map((application): readonly [string, ArgoView] => {
      const live = liveOf.get(identityOf(application.source.manifest));
      return [application.name, argoView(application, live === 'withheld' ? undefined : live)];
    }),
  );
  const described = objects.map((object) => object.described);
  const said = [
    nodeFindings(facts),
    ...objects.flatMap((object) => {
      const view = views.get(object.application.name);
      return view === undefined ? [] : [objectFindings(object, view)];
    }),
    {
      findings: [...views.values()].flatMap((view) => [...applicationFindings(view), ...notDescribed(view, described)]),
      unknown: [],
    },
    ...cluster.hosts.map((group) => {
      const daemonSet = described.find(({ kind, metadata }) => kind === 'DaemonSet' && metadata.name === group.name);
      const nodes = new Map(
        (facts.nodes.ok ? facts.nodes.value : []).map((node) => [node.metadata.name, node] as const),
      );
      if (!facts.nodes.ok) {
        const why = facts.nodes.failure.message;
        return { findings: [], unknown: group.nodes.map(({ name }) => ({ subject: `host ${name}`, why })) };
      }
      const none = { ok: false, failure: { kind: 'server', message: 'the pods were not asked for' } } as const;
      return hostFindings({ group, daemonSet, nodes, pods: facts.bootstrapPods ?? none });
    }),
  ];
  return {
    cluster: cluster.name,
    findings: said.flatMap(({ findings }) => findings).sort(byWeight),
    unknown: said.flatMap(({ unknown }) => unknown),
    notLookedAt: applications.flatMap(({ name, notRendered }) =>
      notRendered === null ? [] : [{ application: name, why: notRendered }],
    ),
    looked: {
      objects: objects.length,
      applications: applications.length,
      hosts: cluster.hosts.reduce((sum, { nodes }) => sum + nodes.length, 0),
    },
    predicted: objects.filter(({ applied }) => applied?.by === 'prediction').length,
  };
}

function nodeFindings({ cluster, nodes }: LiveFacts): { findings: readonly Finding[]; unknown: readonly Unknown[] } {
  if (!nodes.ok)
    return { findings: [], unknown: [{ subject: `that this is ${cluster.name}`, why: nodes.failure.message }] };
  const live = new Set(nodes.value.map(({ metadata }) => metadata.name));
  const described = cluster.nodes.map(({ name }) => name);
  const finding = (id: Finding['id'], name: string, what: string): Finding => ({
    id,
    subject: `node ${name}`,
    application: null,
    what,
    fields: [],
    argo: null,
    next: ['kubectl get nodes'],
  });
  return {
    findings: [
      ...described
        .filter((name) => !live.has(name))
        .map((name) => finding('node-missing', name, 'the cluster does not have it')),
      ...[...live]
        .filter((name) => !described.includes(name))
        .map((name) => finding('node-not-described', name, 'the description does not have it: nothing heals it')),
    ],
    unknown: [],
  };
}

/** The cause before what follows from it, and what is lost before what is other. */
const WEIGHT: readonly Finding['id'][] = [
  'application-missing',
  'application-cannot-compare',
  'application-failed',
  'application-retrying',
  'application-behind',
  'auto-sync-off',
  'finalizer-added',
  'object-being-deleted',
  'protection-missing',
  'patch-blocked',
  'patch-lost',
  'object-missing',
  'object-cannot-be-applied',
  'object-not-tracked',
  'host-refused',
  'host-drifted',
  'host-content-old',
  'node-missing',
  'field-changed',
  'field-added',
  'object-left-over',
  'object-not-described',
  'node-not-described',
  'application-condition',
];

const byWeight = (a: Finding, b: Finding): number => WEIGHT.indexOf(a.id) - WEIGHT.indexOf(b.id);
