/** The three outputs of one change that has something of each sort: what the bench's tests confirm, as a person reads it. */
import { expect, test } from 'vitest';
import { readTree } from '../../../src/argo/read-tree.js';
import { jsonReport } from '../../../src/ops/change/json.js';
import { markdownReport } from '../../../src/ops/change/markdown.js';
import { reportOf } from '../../../src/ops/change/report.js';
import { textReport } from '../../../src/ops/change/text.js';
import { AFTER, BEFORE, repositoryFiles } from '../../live-cluster/change/change-world.js';

const URL = 'https://git.example/work.git';
const before = repositoryFiles(BEFORE, URL, false);
const after = repositoryFiles(AFTER, URL, true);
const report = reportOf(
  { base: 'main (1a2b3c4)', head: 'the working tree' },
  readTree(before, ''),
  readTree(after, ''),
);

test('as text', async () => {
  const text = textReport(report, 24, (_, plain) => plain);

  await expect(`${text.join('\n')}\n`).toMatchFileSnapshot('outputs/change.txt');
});

test('as markdown', async () => {
  await expect(markdownReport(report, 24)).toMatchFileSnapshot('outputs/change.md');
});

test('as JSON', async () => {
  await expect(`${jsonReport(report)}\n`).toMatchFileSnapshot('outputs/change-json.txt');
});

test('is the same whatever the order of the files', () => {
  const turned = (files: ReadonlyMap<string, string>) => readTree(new Map([...files].reverse()), '');

  expect(jsonReport(reportOf(report, turned(before), turned(after)))).toBe(jsonReport(report));
});

test('nothing is said where nothing changes', () => {
  const none = reportOf({ base: 'a', head: 'b' }, readTree(before, ''), readTree(before, ''));

  expect(textReport(none, 24, (_, plain) => plain)).toEqual(['a → b: no change']);
});

test('markdown that a comment does not hold leaves out the plain ones, and says how many', () => {
  const short = markdownReport(report, 24, 4000);

  expect(short.length).toBeLessThanOrEqual(4000);
  expect(short).toMatch(/\*\*\d+ more are left out/);
  expect(short).toContain('#### Danger');
});

test('markdown calls nobody by a name that stands in a manifest', () => {
  const [change] = report.changes;
  const loud = {
    ...report,
    changes: change === undefined ? [] : [{ ...change, consequences: ['ask @everyone about #1 <b>'] }],
  };

  expect(markdownReport(loud, 24)).not.toMatch(/@everyone|#1\b|<b>/);
});
