/** What must be true of an alert that arrived. */
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { expect } from 'vitest';
import type { Rule } from './prometheus.js';
import type { Arrival } from './webhook.js';

/** It is the rule's: its severity, its page, which is there, and its words with everything filled in. */
export function expectRule(
  { labels, annotations }: Arrival,
  rule: Rule,
  about: Readonly<Record<string, string>>,
): void {
  expect(labels).toEqual({ alertname: rule.name, ...rule.labels, ...about });
  expect(['info', 'warning', 'critical']).toContain(labels.severity);
  expect(annotations.runbook_url).toBe(rule.annotations.runbook_url);
  const page = basename(annotations.runbook_url ?? '');
  expect(page).toBe(`${rule.name.toLowerCase()}.md`);
  expect(existsSync(new URL(`../../docs/runbooks/${page}`, import.meta.url))).toBe(true);
  for (const text of ['summary', 'description']) {
    expect(annotations[text]).toMatch(/\w/);
    expect(annotations[text]).not.toMatch(/\{\{|<no value>|error expanding/);
  }
}
