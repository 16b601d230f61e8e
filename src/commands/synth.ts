/** `selfheal synth`: writes the manifests, or says what writing them would change. */
import { OperatorError } from '../errors.js';
import type { Finding } from '../guardrails/guardrail.js';
import type { LeftOut } from '../layers/available-rules.js';
import type { Files } from '../manifest/layout.js';
import { lostPatches } from '../ops/foreign/lost-patches.js';
import { clearLeftovers, compareFolder, readFiles, replaceFolder } from '../synth/dist-folder.js';
import { loadClusters } from '../synth/load-clusters.js';
import { synthesize } from '../synth/synthesize.js';
import type { Command, Io } from './command.js';
import { clustersFolder, readFlags } from './flags.js';
import { formatGonePatches, formatLostPatches } from './lost-patches-text.js';

export const synth: Command = {
  help: `Usage: selfheal synth [--check] [--clusters FOLDER] [--out FOLDER]

Reads every description in the clusters folder, renders all manifests in memory, holds them against the
guardrails, and only then replaces the output folder as a whole. Nothing is written when anything is wrong, nor
when a patch of a foreign object would vanish from the folder that was not taken back first (selfheal retire).

  --check            write nothing; list what differs from the output folder
  --clusters FOLDER  where the descriptions are (default: src/clusters if there is one, else clusters)
  --out FOLDER       what is replaced (default: dist)

Exit status: 0 written or nothing differs, 1 something differs (--check), 2 wrong input or usage, or a patch would be
lost.

  # what Argo CD will see
  selfheal synth
  # in CI: is dist/ what the descriptions give?
  selfheal synth --check`,

  async run(args, io) {
    const flags = { check: { type: 'boolean' }, clusters: { type: 'string' }, out: { type: 'string' } } as const;
    const { check, out = 'dist', clusters: folder } = readFlags(args, flags);
    const clusters = await loadClusters(clustersFolder(folder, io));
    const { files, findings, leftOut } = synthesize(clusters);
    const errors = findings.filter(({ guardrail }) => guardrail.severity === 'error');
    for (const line of formatFindings(findings.filter(({ guardrail }) => guardrail.severity === 'warning')))
      io.err(line);
    if (errors.length > 0) {
      throw new OperatorError(
        `${errors.length} ${errors.length === 1 ? 'error' : 'errors'} found by the guardrails, nothing was written`,
        formatFindings(errors),
      );
    }

    for (const [cluster, alerts] of leftOut) for (const line of formatLeftOut(alerts)) io.err(`${cluster}: ${line}`);
    const differences = compareFolder(out, files);
    refuseToLosePatches(out, differences, files, io);
    if (check) {
      for (const { kind, path } of differences) io.out(`${kind.padEnd(7)} ${path}`);
      if (differences.length > 0) io.err(`${differences.length} of ${out} differ: selfheal synth writes them`);
      return differences.length === 0 ? 0 : 1;
    }
    if (differences.length > 0) replaceFolder(out, files);
    else clearLeftovers(out);
    const written = differences.filter(({ kind }) => kind !== 'stale').length;
    io.out(
      `${files.size} manifests of ${clusters.map(({ name }) => name).join(', ')} in ${out}: ${written} written, ${differences.length - written} removed, ${files.size - written} as they were`,
    );
    return 0;
  },
};

/** @throws OperatorError when the folder has a patch that nobody describes any more and that was not taken back. */
function refuseToLosePatches(
  out: string,
  differences: readonly { readonly path: string; readonly kind: string }[],
  next: Files,
  io: Io,
): void {
  const present = differences.filter(({ kind, path }) => kind !== 'missing' && path.endsWith('.yaml'));
  const lost = lostPatches(
    readFiles(
      out,
      present.map(({ path }) => path),
    ),
    next,
  );
  for (const line of formatGonePatches(lost)) io.err(line);
  const tooSoon = lost.filter(({ state }) => state === 'first-commit-missing');
  if (tooSoon.length > 0) throw new OperatorError(...formatLostPatches(out, tooSoon));
}

/** One line for each reason. */
function formatLeftOut(leftOut: readonly LeftOut[]): readonly string[] {
  const alerts = new Map<string, string[]>();
  for (const { alert, because } of leftOut) alerts.set(because, [...(alerts.get(because) ?? []), alert]);
  return [...alerts].map(([because, names]) => `left out, because ${because}: ${names.join(', ')}`);
}

/** What was found, then why it matters and what to do: once where one mend answers several findings. */
function formatFindings(findings: readonly Finding[]): readonly string[] {
  const groups = new Map<string, Finding[]>();
  for (const finding of findings) {
    const key = `${finding.guardrail.id}: ${finding.mend}`;
    groups.set(key, [...(groups.get(key) ?? []), finding]);
  }
  return [...groups.values()].map((group) =>
    [
      ...group.map(
        ({ cluster, guardrail, where, found }) =>
          `${guardrail.severity} ${guardrail.id}: ${cluster}: ${where}: ${found}`,
      ),
      ...group
        .slice(0, 1)
        .flatMap(({ guardrail, mend }) => [
          `  why: ${guardrail.lesson} (docs/incidents.md#${guardrail.incident})`,
          `  mend: ${mend}`,
        ]),
    ].join('\n  '),
  );
}
