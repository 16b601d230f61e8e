import { describe, expect, test } from 'vitest';
import { backupHostKeyPinned } from '../../../src/guardrails/rules/backup-host-key-pinned.js';
import { configMap, cronJob, findings, foundIn, pod, SCRIPTS_VOLUME } from '../examples.js';

const running = (lines: string, env: Readonly<Record<string, string>> = {}) => [
  cronJob(
    {},
    pod({ volumes: [SCRIPTS_VOLUME] }, { env: Object.entries(env).map(([name, value]) => ({ name, value })) }),
  ),
  configMap({ 'run.sh': `#!/bin/sh\n${lines}\n` }),
];
const PINNED = '-o StrictHostKeyChecking=yes -o UserKnownHostsFile=/scripts/known_hosts';

describe('backup-host-key-pinned', () => {
  test('refuses a connection that takes any key', () => {
    expect(foundIn(backupHostKeyPinned, running(`ssh ${PINNED} -o StrictHostKeyChecking=no b true`))).toEqual([
      "ConfigMap tools/scripts, key 'run.sh': expected the other machine's key to be known beforehand, got \"StrictHostKeyChecking=no\"",
    ]);
  });

  test.each([
    ['the first key that comes', `ssh ${PINNED} -o StrictHostKeyChecking=accept-new b true`],
    ['the check to be off', `ssh ${PINNED} -o "StrictHostKeyChecking off" b true`],
    ['keys to be forgotten', 'ssh -o StrictHostKeyChecking=yes -o UserKnownHostsFile=/dev/null b true'],
    ['whatever key answers', `ssh-keyscan b >known_hosts\nssh ${PINNED} b true`],
    ['nothing said of it', 'ssh b true'],
    ['nothing said of it, as scp', 'scp -l 5000 /a b:/c'],
    ['nothing said of it, by a variable', '"$BACKUP_SSH" -p 22 b true'],
    ['nothing said of it, by rsync', 'rsync -a --bwlimit=5 /a/ b:/c/'],
    ['no file of keys', 'ssh -o StrictHostKeyChecking=yes b true'],
    ['it said in a comment only', `# ${PINNED}\nssh b true`],
  ])('refuses %s', (_, lines) => {
    expect(findings(backupHostKeyPinned, running(lines)).length).toBeGreaterThan(0);
  });

  test('refuses it in the environment, and in a file of settings for ssh', () => {
    const job = running('true', { RSYNC_RSH: 'ssh -o StrictHostKeyChecking=no' });
    const settings = configMap({ config: 'Host b\n\tStrictHostKeyChecking accept-new\n' }, 'ssh');

    expect(findings(backupHostKeyPinned, job)).toHaveLength(1);
    expect(findings(backupHostKeyPinned, [settings])).toHaveLength(1);
  });

  test.each([
    ['a pinned key', `ssh ${PINNED} b true`],
    ['a pinned key for rsync', `rsync -a --bwlimit=5 -e "ssh ${PINNED}" /a/ b:/c/`],
    ['options that another function gathers', `options() { set -- ${PINNED}; }\nssh $(options) b true`],
    ["no keys but one's own", `ssh ${PINNED} -o GlobalKnownHostsFile=/dev/null b true`],
    ['no SSH at all', 'rsync -a /a/ /b/'],
    ['a program that is only looked for', 'command -v ssh >/dev/null'],
  ])('accepts %s', (_, lines) => {
    expect(foundIn(backupHostKeyPinned, running(lines))).toEqual([]);
  });
});
