/** What docs/inhibitions.md offers to those without the operator is a configuration as it stands. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';

describeWith(['amtool'], 'amtool', () => {
  test('takes the configuration of the page', () => {
    const [, yml = ''] = /```yaml\n(.*?)```/s.exec(readFileSync('docs/inhibitions.md', 'utf8')) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'selfheal-amtool-'));
    writeFileSync(join(folder, 'alertmanager.yml'), yml);

    const { status, stdout } = spawnSync('amtool', ['check-config', join(folder, 'alertmanager.yml')], {
      encoding: 'utf8',
    });

    rmSync(folder, { recursive: true });
    expect(yml).not.toBe('');
    expect(stdout).toMatch(/SUCCESS[\s\S]*- 1[0-9] inhibit rules\n - 3 receivers/);
    expect(status).toBe(0);
  });
});
