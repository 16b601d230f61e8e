/**
 * Cuts an exposition down to a fixture: `node tools/reduce-metrics.mjs FIXTURE [metric…] <exposition`.
 *
 * FIXTURE keeps its comments at the top and the metrics that it has; `metric…` come in addition. Of each metric stay
 * HELP, TYPE, one sample, and each sample with a label or an enumerated value that those before it have not.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { argv, stderr } from 'node:process';

/** Labels whose values come from the exporter's own code: rules name them, so all of them stay. */
const ENUMERATED = new Set([
  ...['phase', 'condition', 'status', 'state', 'kind', 'window', 'operation_type', 'owner_kind', 'created_by_kind'],
  ...['collector', 'check'],
]);

const [, , file, ...more] = argv;
if (file === undefined) throw new Error('usage: node tools/reduce-metrics.mjs FIXTURE [metric…] <exposition');

const before = existsSync(file) ? readFileSync(file, 'utf8').split('\n') : [];
const top = before.filter((line) => /^# (?!HELP |TYPE )/.test(line));
const names = new Set([...before.flatMap((line) => /^# TYPE (\S+)/.exec(line)?.[1] ?? []), ...more]);

const exposition = readFileSync(0, 'utf8').split('\n');
const kept = [...names].sort().flatMap((name) => {
  const about = new Set(
    exposition.filter((line) => line.startsWith(`# HELP ${name} `) || line.startsWith(`# TYPE ${name} `)),
  );
  const samples = distinct(exposition.filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `)));
  if (samples.length === 0) stderr.write(`metric '${name}': expected a sample, got none\n`);
  return samples.length === 0 ? [] : [...about, ...samples];
});
writeFileSync(file, `${[...top, ...kept].join('\n')}\n`);

function distinct(samples) {
  const seen = new Set();
  return samples.filter((sample) => {
    const marks = [...sample.matchAll(/[{,](\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) =>
      ENUMERATED.has(label) ? `${label}=${value}` : label,
    );
    if (marks.length === 0) marks.push('bare');
    const isNew = marks.some((mark) => !seen.has(mark));
    for (const mark of marks) seen.add(mark);
    return isNew;
  });
}
