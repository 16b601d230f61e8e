/** docs/vet.md tells of every rule what the code says. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { VET_RULES } from '../../../src/ops/vet/index.js';

const page = readFileSync('docs/vet.md', 'utf8');
const ids = VET_RULES.map(({ id }) => id);

test('every file of rules/ is a rule', () => {
  const files = readdirSync('src/ops/vet/rules').map((name) => name.replace(/\.ts$/, ''));

  expect(files.length).toBeGreaterThan(25);
  expect([...ids].sort()).toEqual(files.sort());
});

test('the page has a heading for each rule, in their order, and for no other', () => {
  expect([...page.matchAll(/^### (\S+)$/gm)].map(([, id]) => id)).toEqual(ids);
});

describe.each(VET_RULES)('$id', ({ id, severity, reason, mend }) => {
  test('is told with its severity, reason and mend', () => {
    const section = page.split(/^### /m).find((part) => part.startsWith(`${id}\n`)) ?? '';

    expect(section).toContain(`**${severity}**: ${reason}\n`);
    expect(section).toMatch(/^Looks at: \S/m);
    expect(section).toContain(`Mend: ${mend}.\n`);
  });

  test('gives its reason in one sentence', () => {
    expect(reason).toMatch(/^\S.*[^.]\.$/);
    expect(reason).not.toMatch(/\. [A-Z]/);
  });
});
