/** What holds for every check that there is. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { answersOf } from '../../../src/ops/check/answers.js';
import { CHECKS } from '../../../src/ops/check/checks/index.js';
import { FACT_KINDS, type HealthCheck, type PatchedObject } from '../../../src/ops/check/facts.js';
import * as incidents from '../../../src/ops/check/incidents.js';
import { checkRole } from '../../../src/ops/check/reader-role.js';
import { failure, lookOf } from '../../support/check-facts.js';
import { homelab, objectsOf, parsed, pvek8s } from '../../support/clusters.js';
import { FULL_K3S_SPEC, FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';

test('there are some, each with a name of its own', () => {
  expect(CHECKS.map(({ id }) => id)).toEqual(expect.arrayContaining(['nodes', 'scheduler-stall', 'patch-ownership']));
  expect(new Set(CHECKS.map(({ id }) => id)).size).toBe(CHECKS.length);
});

/** Between them they have all that a check is about. */
const CLUSTERS = [pvek8s(), homelab(), parsed(FULL_K3S_SPEC), parsed(FULL_MICROK8S_SPEC)];

const APPLYING = CHECKS.flatMap((check) =>
  CLUSTERS.filter((cluster) => check.applies?.(cluster) ?? true).map((cluster) => ({ id: check.id, check, cluster })),
);

/** What is patched of others' objects, each with this answer. */
const patchedAs = (live: PatchedObject['live']): readonly PatchedObject[] =>
  objectsOf(pvek8s(), 'coredns').map((manifest) => ({ application: 'a', manifest, live }));

test('each applies to one of these clusters', () => {
  expect([...new Set(APPLYING.map(({ id }) => id))]).toEqual(CHECKS.map(({ id }) => id));
});

describe.each(APPLYING)('$id of $cluster.name', ({ id, check, cluster }) => {
  test('is unknown, with the reason and what to do, where nothing may be read', () => {
    const forbidden = failure('403: nobody may');
    const facts = { ...lookOf({ cluster, now: forbidden }, {}), of: () => forbidden, host: () => forbidden };

    const results = answersOf([check], { ...facts, patched: patchedAs(forbidden) });

    expect(results.length).toBeGreaterThan(0);
    expect(results.map(({ verdict }) => verdict)).not.toContain('pass');
    expect(results.map(({ verdict }) => verdict)).not.toContain('fail');
    for (const { found, next, check: name } of results) {
      expect(found).not.toBe('');
      expect(next).not.toBe('');
      expect(name).toBe(id);
    }
  });

  test('never passes where every list is empty', () => {
    const empty = { ok: true, value: [] } as const;
    const facts = { ...lookOf({ cluster }, {}), of: () => empty, host: () => failure('none') };
    const patched = patchedAs({ ok: true, value: null });

    expect(answersOf([check], { ...facts, patched }).map(({ verdict }) => verdict)).not.toContain('pass');
  });
});

test('no report is asked of hosts that everything is taken off', () => {
  const asked = CLUSTERS.map((cluster) => ({
    ...cluster,
    hosts: cluster.hosts.map((group) => ({ ...group, state: 'absent' as const })),
  })).flatMap((cluster) => CHECKS.filter(({ applies }) => applies?.(cluster) ?? true));

  expect(asked.filter(({ asks }) => asks.includes('hostReports'))).toEqual([]);
});

test('every kind that can be asked for is asked for by a check', () => {
  const asked = new Set<string>(CHECKS.flatMap(({ asks }) => asks));

  expect(Object.keys(FACT_KINDS).filter((name) => !asked.has(name))).toEqual([]);
});

describe('what a check is shown', () => {
  const reading = (asks: HealthCheck['asks']): HealthCheck => ({
    ...{ id: 'greedy', summary: '', asks },
    answer: ({ of }) => (of('pods').ok ? [] : []),
  });

  test('is what it asks for: anything else is a mistake and no empty list', () => {
    expect(() => answersOf([reading(['nodes'])], lookOf({ cluster: homelab() }, {}))).toThrow(
      "check 'greedy': expected pods among what it asks for, got nodes",
    );
  });

  test('and saying nothing about it is no pass', () => {
    expect(answersOf([reading(['pods'])], lookOf({ cluster: homelab() }, { pods: [] }))).toMatchObject([
      { check: 'greedy', verdict: 'unknown' },
    ]);
  });
});

test('every incident that is told stands in docs/incidents.md', () => {
  const page = readFileSync('docs/incidents.md', 'utf8');
  const slugs = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replaceAll(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
  const anchors = [...page.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id);
  const told = Object.values(incidents).map(({ anchor }) => anchor);

  expect(told.length).toBeGreaterThan(3);
  expect(told.filter((anchor) => ![...slugs, ...anchors].includes(anchor))).toEqual([]);
});

test('no check tells of an incident that is not among those', () => {
  const files = readdirSync('src/ops/check/checks').map((name) => `src/ops/check/checks/${name}`);
  const own = files.filter((file) => /\banchor:/.test(readFileSync(file, 'utf8')));

  expect(files.length).toBeGreaterThan(20);
  expect(own).toEqual([]);
});

test('docs/check.md says of each check what it looks at', () => {
  const rows = [...readFileSync('docs/check.md', 'utf8').matchAll(/^\| (`[^|]+) \|/gm)].map(([, cell = '']) => cell);
  const told = rows.flatMap((cell) => [...cell.matchAll(/`([a-z-]+)`/g)].map(([, id = '']) => id));

  expect(CHECKS.map(({ id }) => id).filter((id) => !told.includes(id))).toEqual([]);
});

describe('the printed rights', () => {
  const objects = objectsOf(pvek8s());
  const role = checkRole(pvek8s(), {
    checks: CHECKS,
    patched: objectsOf(pvek8s(), 'coredns'),
    bootstrapNamespace: 'kube-system',
  });
  const rules = role.flatMap((object) => (Array.isArray(object.rules) ? object.rules : [])) as readonly {
    readonly apiGroups: readonly string[];
    readonly resources: readonly string[];
    readonly verbs: readonly string[];
  }[];

  test('read, and do nothing else', () => {
    expect(objects.length).toBeGreaterThan(0);
    expect([...new Set(rules.flatMap(({ verbs }) => verbs))].sort()).toEqual(['get', 'list']);
  });

  test('have no Secret and no star in them', () => {
    expect(JSON.stringify(rules)).not.toMatch(/secrets|\*/);
  });

  test('list every kind that a check asks for, and no other', () => {
    const asked = new Set(CHECKS.flatMap(({ asks }) => asks));
    const kinds = Object.entries(FACT_KINDS).filter(([name]) => asked.has(name as keyof typeof FACT_KINDS));
    const groups = new Set(
      kinds.map(([, { apiVersion }]) => (apiVersion.includes('/') ? apiVersion.split('/')[0] : '')),
    );

    const listed = rules.filter(({ verbs }) => verbs.includes('list'));

    expect(new Set(listed.flatMap(({ apiGroups }) => apiGroups))).toEqual(groups);
    expect(listed.flatMap(({ resources }) => resources)).toContain('leases');
  });

  test('read logs in the one namespace of node-bootstrap, and nowhere where nothing is asked of hosts', () => {
    const logs = (checks: readonly HealthCheck[]) =>
      checkRole(pvek8s(), { checks, patched: [], bootstrapNamespace: 'kube-system' }).filter((object) =>
        JSON.stringify(object).includes('pods/log'),
      );

    expect(logs(CHECKS)).toMatchObject([{ kind: 'Role', metadata: { namespace: 'kube-system' } }]);
    expect(logs(CHECKS.filter(({ id }) => id === 'nodes'))).toEqual([]);
  });
});
