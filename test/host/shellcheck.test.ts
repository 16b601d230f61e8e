/** What shellcheck says of every script that reaches a host or a pod. */
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { filesIn } from '../support/sources.js';
import { describeWith } from '../support/tools.js';

const shellScripts = filesIn('src/layers').filter((path) => path.endsWith('.sh'));

describeWith(['shellcheck'], 'shellcheck', () => {
  test.each(shellScripts)('has nothing to say about %s', (path) => {
    const { stdout, status } = spawnSync('shellcheck', ['-x', '-P', 'SCRIPTDIR', path], { encoding: 'utf8' });

    expect(stdout).toBe('');
    expect(status).toBe(0);
  });
});
