/** What code scanning reads: held against the standard's own schema, and against what GitHub asks for beyond it. */
import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { describe, expect, test } from 'vitest';
import { VET_RULES, vetChange } from '../../../src/ops/vet/index.js';
import { sarifReport } from '../../../src/ops/vet/sarif.js';
import { lookAt, treeOf } from './example.js';
import { EXAMPLES } from './examples.js';

/** Findings of every rule, one of them accepted, and something unknown. */
const findings = Object.values(EXAMPLES)
  .flat()
  .flatMap(({ base, head, live }) => {
    const now = treeOf(head);
    return vetChange(treeOf(base), now, { live: live === undefined ? null : lookAt(now, live) }).findings;
  })
  .map((finding, index) => ({
    ...finding,
    isAccepted: index === 0,
    path: `dist/a b#c/${finding.file}`,
    line: index + 1,
    width: index,
  }));
const report = { base: 'main', head: 'dist', findings, unknown: [{ subject: 'Secret a/b', why: 'not read' }] };
const log = JSON.parse(sarifReport(report));
const [run] = log.runs;

/** The schema's own draft differs from what is read here by where it keeps its address. */
function schema() {
  const {
    id: _,
    $schema: __,
    ...rest
  } = JSON.parse(readFileSync('test/fixtures/sarif/sarif-2.1.0-rtm.5.json', 'utf8'));
  return rest;
}

const validate = new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false }).compile(
  schema(),
);

test('there are results of every rule', () => {
  const found = run.results.map(({ ruleId }: { ruleId: string }) => ruleId);

  expect([...new Set(found)].sort()).toEqual(VET_RULES.map(({ id }) => id).sort());
});

describe('the schema of the standard', () => {
  test('takes what is found, and nothing found', () => {
    for (const each of [log, JSON.parse(sarifReport({ ...report, findings: [], unknown: [] }))])
      expect(validate(each) ? [] : validate.errors).toEqual([]);
  });

  test.each([
    ['a level of ours', { ...log, runs: [{ ...run, results: [{ ...run.results[0], level: 'bad' }] }] }],
    ['a result without a message', { ...log, runs: [{ ...run, results: [{ ruleId: 'a' }] }] }],
    ['a field of ours', { ...log, runs: [{ ...run, colour: 'red' }] }],
  ])('refuses %s', (_, wrong) => {
    expect(validate(wrong)).toBe(false);
  });
});

describe('code scanning', () => {
  const texts = (value: unknown): readonly string[] =>
    typeof value === 'string' ? [value] : typeof value === 'object' && value ? Object.values(value).flatMap(texts) : [];

  test('finds of each rule all that it has to have, in the length that it takes', () => {
    for (const rule of run.tool.driver.rules) {
      expect(rule).toMatchObject({
        id: expect.stringMatching(/^[a-z-]+$/),
        shortDescription: { text: expect.stringMatching(/^.{5,1024}$/) },
        fullDescription: { text: expect.stringMatching(/^.{5,1024}$/) },
        help: { text: expect.stringMatching(/./), markdown: expect.stringMatching(/\*\*Mend:\*\*/) },
        defaultConfiguration: { level: expect.stringMatching(/^(error|warning)$/) },
        properties: { 'problem.severity': rule.defaultConfiguration.level },
      });
    }
  });

  test('finds of each result its rule, one place in the repository and a fingerprint', () => {
    const prints = new Set<string>();
    for (const { ruleId, ruleIndex, level, message, locations, partialFingerprints } of run.results) {
      const [{ physicalLocation }, ...others] = locations;
      expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
      expect(['note', 'warning', 'error']).toContain(level);
      expect(message.text).toMatch(/Mend: .*\.$/);
      expect(others).toEqual([]);
      expect(physicalLocation.artifactLocation).toMatchObject({
        uri: expect.stringMatching(/^dist\/a%20b%23c\/[^/]/),
        uriBaseId: '%SRCROOT%',
      });
      const { startLine, startColumn, endLine, endColumn } = physicalLocation.region;
      expect([startLine, startColumn]).toEqual([endLine, 1]);
      expect(endColumn).toBe(startLine);
      prints.add(JSON.stringify(partialFingerprints));
    }
    // Examples are changes of one and the same cluster, so that some findings are the same.
    expect(prints.size).toBeGreaterThan(VET_RULES.length);
  });

  test('reads no empty text, and never more than it takes', () => {
    expect(texts(log)).not.toContain('');
    expect(log.runs.length).toBeLessThanOrEqual(20);
    expect(run.tool.driver.rules.length).toBeLessThanOrEqual(25_000);
  });

  test('fails its check for what nobody accepted, and for no other', () => {
    const [accepted, ...open] = run.results;

    expect(accepted).toMatchObject({ level: 'note', suppressions: [{ kind: 'external' }] });
    expect(open.filter(({ level }: { level: string }) => level === 'note')).toEqual([]);
  });
});
