/** What holds for every guardrail. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { Guardrail } from '../../src/guardrails/guardrail.js';
import { checkGuardrails, GUARDRAILS } from '../../src/guardrails/index.js';
import { renderCluster } from '../../src/synth/render.js';
import { homelab, minimal, pvek8s } from '../support/clusters.js';

const root = new URL('../../', import.meta.url);
const ids = GUARDRAILS.map(({ id }) => id);
const page = readFileSync(new URL('docs/guardrails.md', root), 'utf8');

const INCIDENTS = [
  ...['nov-2', 'nov-5-soft-nfs', 'nov-5-backup-window', 'nov-5-reverted', 'nov-7-8', 'nov-13', 'nov-22'],
  ...['nov-30-black-hole', 'nov-30-watchdog', 'apr-3-reboot-loop', 'apr-5-slow', 'apr-5-burst', 'apr-6-8-leak'],
  ...['argocd-wiped', 'pvek8s-rc-1-scheduler', 'pvek8s-rc-2-calico', 'pvek8s-rc-3-sandboxes', 'pvek8s-dqlite'],
];

describe('the list of guardrails', () => {
  test('holds every file of rules/, once', () => {
    const files = readdirSync(new URL('src/guardrails/rules/', root)).map((name) => name.replace(/\.ts$/, ''));

    expect(files.length).toBeGreaterThan(30);
    expect([...ids].sort()).toEqual(files.sort());
  });

  test('is told about in docs/guardrails.md, each entry once and no other', () => {
    const headings = [...page.matchAll(/^### (\S+)$/gm)].map(([, id]) => id);

    expect([...headings].sort()).toEqual([...ids].sort());
  });
});

describe.each(GUARDRAILS)('$id', ({ id, severity, lesson, incident }) => {
  test('has tests of its own', () => {
    expect(existsSync(new URL(`test/guardrails/rules/${id}.test.ts`, root))).toBe(true);
  });

  test('was taught by an incident that is told', () => {
    expect(INCIDENTS).toContain(incident);
    expect(readFileSync(new URL('docs/incidents.md', root), 'utf8')).toContain(`<a id="${incident}"></a>`);
  });

  test('tells its lesson in one sentence', () => {
    expect(lesson).toMatch(/^\S.*[^.]\.$/);
    expect(lesson).not.toMatch(/\. [A-Z]/);
  });

  test('is documented with its severity, lesson, incident and mend', () => {
    const section = page.split(/^### /m).find((part) => part.startsWith(`${id}\n`)) ?? '';

    expect(section).toContain(`**${severity}**`);
    expect(section).toContain(`(incidents.md#${incident})`);
    expect(section.replaceAll('\n', ' ')).toContain(lesson);
    expect(section).toMatch(/^Mend: \S/m);
  });
});

describe('the run over all guardrails', () => {
  const guardrail = (id: string, severity: Guardrail['severity']): Guardrail => ({
    id,
    severity,
    lesson: '',
    incident: 'nov-2',
    check: () => [{ where: id, found: '', mend: '' }],
  });

  test('reports the findings of all of them, errors first', () => {
    const rules = [guardrail('a', 'warning'), guardrail('b', 'error'), guardrail('c', 'error')];

    const found = checkGuardrails({ cluster: minimal(), objects: [] }, rules);

    expect(found.map(({ where }) => where)).toEqual(['b', 'c', 'a']);
    expect(found.map(({ cluster }) => cluster)).toEqual(['attic', 'attic', 'attic']);
  });

  test.each([homelab(), pvek8s(), minimal()])('finds nothing in cluster $name', (cluster) => {
    const found = checkGuardrails({ cluster, objects: renderCluster(cluster) });

    expect(found.map(({ guardrail: { id }, where, found: what }) => `${id}: ${where}: ${what}`)).toEqual([]);
  });
});
