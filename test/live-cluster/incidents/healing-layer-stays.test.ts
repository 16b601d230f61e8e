/** What wipes other control planes, done to what is generated: nothing of it goes, and Git mends it or one command does. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { argoObjects } from '../bench/argo.js';
import { createAs, namespace } from '../world/create.js';
import { APPLICATIONS, ROOT, SmallHomelab } from './small-homelab.js';

const CASCADE = '[{"op":"add","path":"/metadata/finalizers","value":["resources-finalizer.argocd.argoproj.io"]}]';
const OURS = /^(CronJob|ConfigMap|NetworkPolicy|RecurringJob) /;
const ARGOS = /^(Application|AppProject) /;

describe('the healing layer', () => {
  let homelab: SmallHomelab;
  let before: Readonly<Record<string, string>>;
  beforeAll(async () => {
    homelab = await SmallHomelab.start();
  });
  beforeEach(() => {
    before = homelab.uids();
  });
  afterAll(() => homelab?.bench.close());

  const kubectl = (...args: readonly string[]) => homelab.bench.kubectl([...args, '--namespace=argocd']);
  const remove = (application: string): void => {
    kubectl('delete', 'applications.argoproj.io', application, '--timeout=60s');
  };
  /** As `argocd app delete` and the button in the browser do where nobody says otherwise. */
  const removeCascading = (application: string): void => {
    kubectl('patch', 'applications.argoproj.io', application, '--type=json', `--patch=${CASCADE}`);
    remove(application);
  };
  const without = (objects: Readonly<Record<string, string>>, ...names: readonly string[]) =>
    Object.fromEntries(Object.entries(objects).filter(([name]) => !names.some((part) => name.endsWith(part))));
  const only = (objects: Readonly<Record<string, string>>, kinds: RegExp) =>
    Object.fromEntries(Object.entries(objects).filter(([name]) => kinds.test(name)));
  /** Git as it was, seen by each Application. */
  const mended = () => homelab.inStep(homelab.commit(() => true));

  test('is all there before anything is done to it', () => {
    expect(Object.keys(only(before, OURS)).length).toBeGreaterThan(4);
    expect(Object.keys(only(before, ARGOS))).toHaveLength(5);
    expect(before).toHaveProperty(['Deployment kube-system/coredns']);
  });

  describe('stays when an Application is deleted', () => {
    test('the root: the others stay and go on healing, and one command brings it back', async () => {
      remove(ROOT);
      homelab.bench.kubectl(['delete', 'cronjobs', 'local-path-backup', '--namespace=kube-system']);
      await homelab.bench.until('the backup is back', () =>
        homelab.bench.get('cronjobs', 'local-path-backup', 'kube-system'),
      );

      expect(without(homelab.uids(), '/local-path-backup')).toEqual(without(before, ROOT, '/local-path-backup'));
      homelab.applyByHand();
      await mended();
    });

    test('the root, with all that it manages: Argo CD leaves that alone, and may wait for ever for the root itself', async () => {
      kubectl('patch', 'applications.argoproj.io', ROOT, '--type=json', `--patch=${CASCADE}`);
      kubectl('delete', 'applications.argoproj.io', ROOT, '--wait=false');
      const isGone = () => homelab.bench.get('applications.argoproj.io', ROOT, 'argocd') === undefined;
      const waits = () => homelab.bench.parts.log('argocd-controller').includes('objects remaining for deletion');
      await homelab.bench.until('Argo CD has done what it will', () => isGone() || waits() || undefined);
      const [release = ''] = /kubectl .*finalizers.*/.exec(readFileSync('docs/incidents.md', 'utf8')) ?? [];
      expect(release).toContain(ROOT);
      if (!isGone()) homelab.inCheckout(release);
      await homelab.bench.until('the root is gone', () => isGone() || undefined);

      expect(homelab.uids()).toEqual(without(before, ROOT));
      homelab.applyByHand();
      await mended();
    });

    test('another one: the root brings it back, and what it synced was never away', async () => {
      const name = 'selfheal-local-path-backup';
      remove(name);
      await homelab.bench.until('the Application is back', () =>
        homelab.bench.get('applications.argoproj.io', name, 'argocd'),
      );

      expect(without(homelab.uids(), `Application argocd/${name}`)).toEqual(
        without(before, `Application argocd/${name}`),
      );
      await mended();
    });

    test('one that patches, with all that it manages: what belongs to others stays', async () => {
      const name = 'selfheal-coredns';
      removeCascading(name);
      await homelab.bench.until('the Application is back', () =>
        homelab.bench.get('applications.argoproj.io', name, 'argocd'),
      );

      expect(without(homelab.uids(), name)).toEqual(without(before, name));
      await mended();
    });

    test('one of ours, with all that it manages: that goes, which was asked for, and the root brings it back', async () => {
      const gone = [
        '/local-path-backup',
        '/local-path-backup-drill',
        '/local-path-backup-files',
        '/selfheal-local-path-backup',
      ];
      removeCascading('selfheal-local-path-backup');
      await homelab.bench.until(
        'everything is back',
        () => Object.keys(homelab.uids()).length === Object.keys(before).length || undefined,
      );

      expect(without(homelab.uids(), ...gone)).toEqual(without(before, ...gone));
      await mended();
    });

    test('all of them, with the namespace of Argo CD: what they synced stays, and one command brings them back', async () => {
      homelab.bench.kubectl(['delete', 'namespace', 'argocd', '--timeout=60s']);
      expect(only(homelab.uids(), OURS)).toEqual(only(before, OURS));
      expect(homelab.uids()).toEqual(without(before, ...Object.keys(only(before, ARGOS))));

      createAs(homelab.bench, 'kubectl-create', [namespace('argocd')]);
      homelab.bench.apply(argoObjects, { manager: 'kubectl', serverSide: true });
      await homelab.bench.parts.stop('argocd-controller');
      await homelab.bench.parts.start('argocd-controller');
      homelab.applyByHand();
      await mended();
      expect(without(homelab.uids(), ...Object.keys(only(before, ARGOS)))).toEqual(
        without(before, ...Object.keys(only(before, ARGOS))),
      );
    });
  });

  describe('stays while Git is wrong, and is in step again when Git is right', () => {
    test.each([
      ['the folder argocd is empty', (path: string) => !path.includes('/argocd/')],
      [
        'all but one file of the folder argocd is gone',
        (path: string) => !path.includes('/argocd/') || path.includes(ROOT),
      ],
      ['the AppProject is gone', (path: string) => !path.includes('/appproject-')],
      ['an Application is gone', (path: string) => !path.includes('/application-selfheal-local-path-backup')],
      ["an Application's folder is gone", (path: string) => !path.includes('/local-path-backup/')],
      ['everything is gone', () => false],
    ])('%s', async (_, keeps) => {
      homelab.commit(keeps);
      await homelab.looked(ROOT);
      await homelab.looked(...APPLICATIONS);

      expect(homelab.uids()).toEqual(before);
      await mended();
      expect(homelab.uids()).toEqual(before);
    });

    test('the branch was pushed anew with another history', async () => {
      const head = homelab.git('rev-parse', 'main');
      const tree = homelab.git('hash-object', '-t', 'tree', '-w', '/dev/null');
      homelab.git('update-ref', 'refs/heads/main', homelab.git('commit-tree', '-m', 'begin anew', tree));
      await homelab.looked(...APPLICATIONS);
      expect(homelab.conditions(ROOT)).toContain('app path does not exist');

      expect(homelab.uids()).toEqual(before);
      homelab.git('update-ref', 'refs/heads/main', head);
      await mended();
    });

    test('the branch is gone', async () => {
      const head = homelab.git('rev-parse', 'main');
      homelab.git('update-ref', '-d', 'refs/heads/main');
      await homelab.looked(...APPLICATIONS);

      expect(homelab.uids()).toEqual(before);
      homelab.git('update-ref', 'refs/heads/main', head);
      await mended();
    });

    test('the repository is gone', async () => {
      homelab.bench.repository.takeAway();
      try {
        await homelab.looked(...APPLICATIONS);
        expect(homelab.conditions(ROOT)).toContain('ComparisonError');
        expect(homelab.uids()).toEqual(before);
      } finally {
        homelab.bench.repository.bringBack();
      }
      await mended();
    });

    test("an Application's path is wrong", async () => {
      homelab.commit(
        () => true,
        (path, text) =>
          path.includes('/application-selfheal-local') ? text.replace('path: dist/', 'path: nowhere/') : text,
      );
      await homelab.looked(ROOT);
      await homelab.bench.until(
        'it is complained about',
        () => homelab.conditions('selfheal-local-path-backup') || undefined,
      );

      expect(homelab.uids()).toEqual(before);
      await mended();
    });

    test("the root's own path is wrong: it does not read Git any more, so one command puts it right", async () => {
      homelab.commit(
        () => true,
        (path, text) => (path.includes(`/application-${ROOT}`) ? text.replace('path: dist/', 'path: nowhere/') : text),
      );
      await homelab.looked(ROOT);
      await homelab.bench.until('it is complained about', () => homelab.conditions(ROOT) || undefined);
      homelab.commit(() => true);
      await homelab.looked(...APPLICATIONS);
      expect(homelab.conditions(ROOT)).toContain('app path does not exist');

      expect(homelab.uids()).toEqual(before);
      // The wrong path is Argo CD's own word by now: without force, kubectl refuses.
      expect(() => homelab.applyByHand()).toThrow('conflict with "argocd-controller": .spec.source.path');
      const [force = ''] = /kubectl .*--force-conflicts.*/.exec(readFileSync('docs/incidents.md', 'utf8')) ?? [];
      homelab.inCheckout(force);
      await mended();
    });
  });
});
