/** Nov 5 to 6: what is deleted or edited in the cluster comes back, and what is deleted in Git goes. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { untilSynced } from '../support/applications.js';
import { APPLICATIONS, ROOT, SmallHomelab } from './small-homelab.js';

type Place = readonly [kind: string, name: string, namespace: string];
const JOB: Place = ['recurringjobs.longhorn.io', 'daily-snapshot', 'longhorn-system'];
const BACKUP: Place = ['cronjobs', 'local-path-backup', 'kube-system'];
const DRILL: Place = ['cronjobs', 'local-path-backup-drill', 'kube-system'];

/** What the page tells somebody to type, in its order. */
const page = (file: string, from: string, to: string): readonly string[] => {
  const [, section = ''] = readFileSync(file, 'utf8').split(from);
  const [text = ''] = section.split(to);
  return [...text.matchAll(/^ {4}(kubectl .*)$|`(kubectl apply [^`]+)`/gm)].map(
    ([, block, inline]) => block ?? inline ?? '',
  );
};

let homelab: SmallHomelab;
beforeAll(async () => {
  homelab = await SmallHomelab.start();
});
afterAll(() => homelab?.bench.close());

const get = (place: Place) => homelab.bench.get(...place);

describe('a live change of what Git says', () => {
  const remove = ([kind, name, namespace]: Place) =>
    homelab.bench.kubectl(['delete', kind, name, `--namespace=${namespace}`]);
  const automated = (application: string): unknown => {
    const path = '--output=jsonpath={.spec.syncPolicy.automated}';
    const printed = homelab.bench.kubectl(['get', 'applications.argoproj.io', application, '--namespace=argocd', path]);
    return printed === '' ? undefined : JSON.parse(printed);
  };
  /** Waits for it, and prints how long that took. */
  const timed = async (what: string, holds: () => boolean): Promise<void> => {
    const start = performance.now();
    await homelab.bench.until(what, () => holds() || undefined);
    console.log(`${what} after ${((performance.now() - start) / 1000).toFixed(1)} s`);
  };

  test('does not last: a deleted job is there again, a new one with the same schedule', async () => {
    const before = get(JOB);
    remove(JOB);

    await timed('the deleted job is back', () => get(JOB) !== undefined);

    expect(get(JOB)?.metadata.uid).not.toBe(before?.metadata.uid);
    expect(get(JOB)?.spec).toEqual(before?.spec);
  });

  test('does not last: an edited schedule is as in Git again, on the same object', async () => {
    const before = get(BACKUP);
    homelab.bench.kubectl([
      'patch',
      BACKUP[0],
      BACKUP[1],
      `--namespace=${BACKUP[2]}`,
      '-p',
      '{"spec":{"suspend":true}}',
    ]);

    await timed('the edited schedule is as in Git', () => JSON.stringify(get(BACKUP)).includes('"suspend":false'));

    expect(get(BACKUP)?.spec).toEqual(before?.spec);
    expect(get(BACKUP)?.metadata.uid).toBe(before?.metadata.uid);
  });

  describe('that cannot wait for a commit', () => {
    const [pauseRoot = '', pauseLonghorn = '', resume = '', ...further] = page(
      'docs/incidents.md',
      '<a id="nov-5-reverted">',
      '<a id="',
    );

    test('is told of in three lines on the page', () => {
      expect([pauseRoot, pauseLonghorn, resume].join('\n')).toMatch(/-root .*\n.*-longhorn .*\n.* -f dist/);
      expect(further).toEqual([]);
    });

    test('does not last where only its Application is told to leave it: the root takes that back', async () => {
      // It would fail where there is nothing to remove.
      homelab.inCheckout(pauseLonghorn);

      await timed('the root has given automated sync back', () => automated('selfheal-longhorn') !== undefined);
    });

    test('lasts where the root is told first', async () => {
      homelab.inCheckout(pauseRoot);
      homelab.inCheckout(pauseLonghorn);
      remove(JOB);

      await homelab.looked(ROOT, 'selfheal-longhorn');
      await homelab.looked(ROOT, 'selfheal-longhorn');

      expect([automated(ROOT), automated('selfheal-longhorn'), get(JOB)]).toEqual([undefined, undefined, undefined]);
    });

    test('is over when both are put back: what Git still has comes back', async () => {
      homelab.inCheckout(resume);

      await timed('the deleted job is back', () => get(JOB) !== undefined);

      expect([automated(ROOT), automated('selfheal-longhorn')]).toEqual([
        { selfHeal: true },
        { prune: true, selfHeal: true },
      ]);
    });
  });
});

describe('a deletion in Git', () => {
  test('removes one object of several, for good', async () => {
    const before = homelab.uids();
    const revision = homelab.commit((path) => !path.endsWith('cronjob-local-path-backup-drill.yaml'));
    await homelab.looked(...APPLICATIONS);
    await untilSynced(homelab.bench, APPLICATIONS, revision);
    await homelab.bench.until('the drill is gone', () => get(DRILL) === undefined || undefined);

    await homelab.looked('selfheal-local-path-backup');

    const { 'CronJob kube-system/local-path-backup-drill': drill, ...others } = before;
    expect(drill).toBeDefined();
    expect(homelab.uids()).toEqual(others);
  });

  test('does not remove the last object of an Application, nor the Application: only what the page says does', async () => {
    homelab.commit((path) => !path.includes('/longhorn/') && !path.endsWith('/application-selfheal-longhorn.yaml'));
    await homelab.looked(...APPLICATIONS);
    expect(homelab.conditions('selfheal-longhorn')).toContain('app path does not exist');
    expect(get(JOB)).toBeDefined();

    const lines = page('docs/layers/longhorn.md', 'Remove `dailySnapshot`', '\n## ');
    expect(lines).toHaveLength(2);
    for (const line of lines) homelab.inCheckout(line);
    await homelab.looked(ROOT);

    expect(homelab.bench.get('applications.argoproj.io', 'selfheal-longhorn', 'argocd')).toBeUndefined();
    expect(get(JOB)).toBeUndefined();
  });
});
