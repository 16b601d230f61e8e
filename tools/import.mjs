/**
 * Generates imports/ from the vendored CRDs, offline.
 *
 * cdk8s writes one file for each API group, so the CRDs of a group are put together first. `cdk8s.yaml` names the
 * releases that the vendored files come from; they are those files without their prose.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const CRDS = 'test/fixtures/crds';
const out = resolve(process.argv[2] ?? 'imports');

const groups = new Map();
for (const file of readdirSync(CRDS).sort()) {
  const group = file.replace(/^[^.]+\./, '').replace(/\.yaml$/, '');
  groups.set(group, [...(groups.get(group) ?? []), readFileSync(join(CRDS, file), 'utf8')]);
}

const folder = mkdtempSync(join(tmpdir(), 'selfheal-crds-'));
try {
  for (const [group, crds] of groups) {
    const file = join(folder, `${group}.yaml`);
    writeFileSync(file, crds.join('\n---\n'));
    execFileSync(
      process.execPath,
      [
        'node_modules/cdk8s-cli/bin/cdk8s',
        'import',
        file,
        '-l',
        'typescript',
        '-o',
        out,
        '--no-save',
        '--check-upgrade=false',
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
  }
} finally {
  rmSync(folder, { recursive: true });
}
