/** No Application is in the middle of a sync, stuck, or ill: ours first, then everybody's. */
import { listAt, numberAt, textAt } from '../../../manifest/json.js';
import type { LiveObject } from '../../../manifest/live-object.js';
import { oneLine } from '../../drift/argo-view.js';
import type { CheckFacts, HealthCheck } from '../facts.js';
import { ARGO_CD_UNKNOWN } from '../incidents.js';
import type { CheckResult, Incident } from '../result.js';
import { saying } from '../saying.js';

const { pass, fail, unknown } = saying('applications');

export const applicationsCheck: HealthCheck = {
  id: 'applications',
  summary: 'no Argo CD Application is in the middle of a sync, stuck, or degraded',
  asks: ['applications', 'described'],
  answer: (facts) => {
    const live = facts.of('applications');
    const all = `Applications of ${facts.cluster.name}`;
    if (!live.ok) return [unknown(all, live.failure)];
    if (live.value.length === 0)
      return [unknown(all, 'the cluster reports none, and the description has some', 'kubectl get applications -A')];
    const ours = oursIn(facts);
    const isOurs = ({ metadata }: LiveObject): boolean =>
      metadata.namespace === facts.cluster.gitops.namespace && ours.includes(metadata.name);
    const wrong = [
      ...missing(facts, ours, live.value),
      ...[...live.value.filter(isOurs), ...live.value.filter((each) => !isOurs(each))].flatMap(judge),
    ];
    return wrong.length > 0
      ? wrong
      : [pass(all, `${live.value.length}, ${ours.length} of them ours: none syncs, none is stuck`)];
  },
};

const oursIn = ({ described }: CheckFacts): readonly string[] =>
  described.filter(({ manifest }) => manifest.kind === 'Application').map(({ manifest }) => manifest.metadata.name);

const missing = ({ cluster }: CheckFacts, ours: readonly string[], live: readonly LiveObject[]) =>
  ours
    .filter((name) => !live.some(({ metadata }) => metadata.name === name))
    .map((name) =>
      fail(`Application ${cluster.gitops.namespace}/${name}`, {
        expected: 'it in the cluster, as described',
        found: 'no such Application: nothing syncs what it holds',
        next: `selfheal drift --context NAME --application ${name}`,
      }),
    );

function judge(application: LiveObject): readonly CheckResult[] {
  const { name, namespace = '' } = application.metadata;
  const said = syncProblem(application) ?? healthProblem(application);
  if (said === null) return [];
  return [
    fail(`Application ${namespace}/${name}`, {
      next: `kubectl -n ${namespace} describe applications.argoproj.io ${name}`,
      ...said,
    }),
  ];
}

type Problem = Pick<CheckResult, 'expected' | 'found'> & { readonly incident?: Incident };

function syncProblem({ status, ...object }: LiveObject): Problem | null {
  const said = (...path: string[]): string => textAt(status, ...path) ?? '';
  const phase = said('operationState', 'phase');
  const expected = 'no sync under way';
  const retries = numberAt(status, 'operationState', 'retryCount') ?? 0;
  const why = oneLine(said('operationState', 'message')).slice(0, 200);
  if (phase === 'Running' || phase === 'Terminating')
    return {
      expected,
      found: `${phase} since ${said('operationState', 'startedAt')}${retries === 0 ? '' : `, ${retries} retries`}${why === '' ? '' : `: ${why}`}`,
    };
  if (object.operation !== undefined) return { expected, found: 'one that is asked for' };
  const broken = listAt(status, 'conditions').find((each) => /Error$/.test(textAt(each, 'type') ?? ''));
  if (broken !== undefined && /^(ComparisonError|InvalidSpecError|UnknownError)$/.test(textAt(broken, 'type') ?? ''))
    return { expected: 'one that Argo CD can compare', found: oneLine(textAt(broken, 'message') ?? '').slice(0, 200) };
  const sync = said('sync', 'status');
  if (sync === '' || sync === 'Unknown')
    return {
      expected: 'one that Argo CD has compared',
      found: sync === '' ? 'never compared' : 'sync Unknown',
      incident: ARGO_CD_UNKNOWN,
    };
  if (sync !== 'Synced' && (phase === 'Failed' || phase === 'Error'))
    return { expected: 'a sync that succeeds', found: `${phase} at ${said('operationState', 'finishedAt')}: ${why}` };
  return null;
}

/** `Missing` and `Progressing` end by themselves or as one of the above; nothing may be taken away meanwhile. */
function healthProblem({ status }: LiveObject): Problem | null {
  const health = textAt(status, 'health', 'status') ?? '';
  if (health === 'Healthy' || health === 'Suspended') return null;
  return {
    expected: 'Healthy',
    found: health === '' ? 'no health: Argo CD has not looked at it' : health,
  };
}
