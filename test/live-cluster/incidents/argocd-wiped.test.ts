/** Argo CD's own control plane, wiped by one of its Applications: seen to happen, and not to happen to ours. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Bench, startBench } from '../bench/bench.js';
import { untilSynced } from '../support/applications.js';
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

  test('loses itself and what it deployed when two thirds of a folder are missing in one commit', async () => {
    await install();

    const { url, commit } = bench.repository;
    const kept = [...ownControlPlane(url)].filter(([path]) => /argocd-cm|redis|^shop/.test(path));
    commit(new Map(kept), 'tidy up');
    bench.refresh('argocd');

    await bench.until('all but two objects are gone', () => left().length === 2 || undefined);
  });

  test('loses all of it when that Application is deleted', async () => {
    await install();

    bench.kubectl(['delete', 'applications.argoproj.io', 'argocd', '--namespace=argocd', '--wait=false']);

    await bench.until('everything is gone', () => {
      const still = left();
      if (still.length > 0) throw new Error(`still there: ${still.join(', ')}`);
      return true;
    });
  });
});
