/** Argo CD's own control plane, wiped by one of its Applications: seen to happen, and not to happen to ours. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, startBench } from '../bench/bench.js';
import { refreshAll, untilSynced } from '../support/applications.js';
import { createAs, namespace } from '../world/create.js';
import { itself, ownControlPlane } from './own-control-plane.js';

/** Argo CD's programs run beside this cluster, so that they live to do all of it; in the cluster they would go as well. */
describe('an Argo CD that an Application of its own manages', () => {
  let bench: Bench;
  beforeEach(async () => {
    bench = await startBench({ nodes: [{ name: 'jarvis' }], argo: true, crds: ['test/fixtures/crds'] });
    createAs(bench, 'kubectl-create', [namespace('shop')]);
  });
  afterEach(() => bench?.close());

  const install = async (): Promise<void> => {
    const { url, commit } = bench.repository;
    const revision = commit(ownControlPlane(url), 'Argo CD manages itself');
    bench.apply([itself(url)], { manager: 'kubectl' });
    bench.refresh('argocd');
    await untilSynced(bench, ['argocd', 'shop'], revision);
    expect(left()).toContain('deployment.apps/till');
    expect(left()).toHaveLength(8);
  };
  /** Of everything that it manages. */
  const left = (): readonly string[] => {
    const kinds = 'deployments.apps,applications.argoproj.io,appprojects.argoproj.io,configmaps';
    const names = ['argocd', 'shop'].flatMap((where) =>
      bench.kubectl(['get', kinds, `--namespace=${where}`, '--output=name']).split('\n'),
    );
    return names.filter((name) =>
      /\/(argocd-(server|repo-server|application-controller|redis|cm)|shop|till|everything)$/.test(name),
    );
  };
  /** Whether its own project or `shop` goes first is chance: without the project, a deleted Application never ends. */
  const isEnding = (): boolean =>
    bench.get('applications.argoproj.io', 'shop', 'argocd')?.metadata.deletionTimestamp !== undefined;
  const untilLeft = (count: number) =>
    bench.until(`${count} of its objects are left`, () => {
      const still = left().filter((name) => name !== 'application.argoproj.io/shop' || !isEnding());
      if (still.length !== count) throw new Error(`there are: ${still.join(', ')}`);
      return true;
    });

  test('loses itself and what it deployed when two thirds of a folder are missing in one commit', async () => {
    await install();

    const { url, commit } = bench.repository;
    const kept = [...ownControlPlane(url)].filter(([path]) => /argocd-cm|redis|^shop/.test(path));
    commit(new Map(kept), 'tidy up');
    await refreshAll(bench, ['argocd']);

    await untilLeft(2);
  });

  test('loses all of it when that Application is deleted', async () => {
    await install();

    bench.kubectl(['delete', 'applications.argoproj.io', 'argocd', '--namespace=argocd', '--wait=false']);

    await untilLeft(0);
  });
});
