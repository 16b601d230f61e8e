/** From what a look found to what is to be said about it. */
import { identityOf } from '../../manifest/manifest.js';
import { applicationFindings } from './application-findings.js';
import { type ArgoView, argoView } from './argo-view.js';
import type { LiveFacts } from './facts.js';
import { hostFindings } from './host-findings.js';
import { nodeFindings } from './node-findings.js';
import { objectFindings } from './object-findings.js';
import { type Finding, findingsOnly, type Report, type Said } from './report.js';
import { resourceFindings } from './resource-findings.js';
import { notLookedFor } from './staleness.js';

export function driftOf(facts: LiveFacts): Report {
  const { cluster, applications, objects } = facts;
  const views = viewsOf(facts);
  const ofObjects = objects.flatMap((object) => {
    const view = views.get(object.application.name);
    return view === undefined ? [] : [objectFindings(object, view)];
  });
  const known = {
    described: objects.map((object) => object.described),
    told: new Set(ofObjects.flatMap(({ findings }) => findings.map(({ subject }) => subject))),
  };
  const said: readonly Said[] = [
    nodeFindings(facts),
    ...ofObjects,
    ...[...views.values()].map((view) => findingsOnly(...applicationFindings(view), ...resourceFindings(view, known))),
    { findings: [], unknown: notLookedFor([...views.values()], facts.nodes) },
    hostFindings(facts),
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
      hosts: facts.bootstrapPods === null ? 0 : cluster.hosts.reduce((sum, { nodes }) => sum + nodes.length, 0),
    },
    predicted: objects.filter(({ applied }) => applied?.by === 'prediction').length,
  };
}

/** Each Application as Argo CD sees it, by its name. */
function viewsOf({ applications, objects }: LiveFacts): ReadonlyMap<string, ArgoView> {
  const liveOf = new Map(
    objects.flatMap(({ described, live }) => (live === 'withheld' ? [] : [[identityOf(described), live] as const])),
  );
  const projects = objects.flatMap(({ described, live }) =>
    described.kind === 'AppProject' && live !== 'withheld' && live.ok && live.value !== null ? [live.value] : [],
  );
  return new Map(
    applications.map((application) => [
      application.name,
      argoView(application, liveOf.get(identityOf(application.source.manifest)), projects),
    ]),
  );
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
  'object-out-of-sync',
  'object-left-over',
  'object-not-described',
  'node-not-described',
  'application-condition',
];

const byWeight = (a: Finding, b: Finding): number => WEIGHT.indexOf(a.id) - WEIGHT.indexOf(b.id);
