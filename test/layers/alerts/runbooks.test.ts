import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ALERTED, alertNames } from '../../support/alerts.js';

const FOLDER = new URL('../../../docs/runbooks/', import.meta.url);
const HEADINGS = ['## Meaning', '## Impact', '## Diagnosis', '## Mitigation'];

const pages = readdirSync(FOLDER).map((file) => ({ file, text: readFileSync(new URL(file, FOLDER), 'utf8') }));
const alerts = [...new Set([...ALERTED.values()].flatMap((make) => alertNames(make())))];

test('there are pages to look at', () => {
  expect(pages.length).toBeGreaterThan(30);
});

test('every alert has its page and every page its alert', () => {
  const wanted = alerts.map((alert) => `${alert.toLowerCase()}.md`);

  expect(pages.map(({ file }) => file).sort()).toEqual(wanted.sort());
});

test.each(pages)('$file is headed by its alert and has the four parts in order', ({ file, text }) => {
  const [title, ...headings] = text.split('\n').filter((line) => /^#+ [A-Z]/.test(line));

  expect(alerts.map((alert) => `# ${alert}`)).toContain(title);
  expect(title?.toLowerCase()).toBe(`# ${file.replace('.md', '')}`);
  expect(headings).toEqual(HEADINGS);
});

test.each(pages)('$file says something in each part, with commands for the diagnosis', ({ text }) => {
  const parts = text.split(/^## \w+$/m).slice(1);

  for (const part of parts) expect(part.trim().length).toBeGreaterThan(30);
  expect(parts[2]).toMatch(/```sh\n[^`]+\n```/);
});

test.each(pages)('$file links to an incident, and to nothing that is not there', ({ text }) => {
  const links = [...text.matchAll(/\]\(([^)#]+)(#[\w-]+)?\)/g)];

  expect(links.map(([, path]) => path)).toContain('../incidents.md');
  for (const [, path = ''] of links) expect(existsSync(new URL(path, FOLDER)), path).toBe(true);
});
