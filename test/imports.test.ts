/** imports/ is generated, never edited. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';

test('imports/ is what the vendored CRDs give', () => {
  const folder = mkdtempSync(join(tmpdir(), 'imports-'));
  try {
    execFileSync(process.execPath, ['tools/import.mjs', folder], { stdio: 'ignore' });

    expect(readdirSync(folder).sort()).toEqual(readdirSync('imports').sort());
    for (const file of readdirSync(folder)) {
      expect(readFileSync(join('imports', file), 'utf8'), file).toBe(readFileSync(join(folder, file), 'utf8'));
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});
