/** What the printed script is made of; what it does to a machine: test/host/backup-install.test.ts. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { installScript } from '../../../src/layers/backup/install-script.js';
import { whole } from './backups.js';

test('carries each file as it is, and reads nothing in them', () => {
  const { backup } = whole();
  if (backup === null) throw new Error('cluster: expected a backup, got none');
  const script = installScript(backup, 'ssh-ed25519 AAAAkey', ['192.0.2.7']);
  const program = readFileSync('src/layers/backup/scripts/server/selfheal-backup-server.sh', 'utf8');

  expect(script).toContain(`cat <<'END OF THIS FILE OF SELFHEAL'\n${program}END OF THIS FILE OF SELFHEAL\n`);
  expect(script.split('\n')[0]).toBe('#!/bin/sh');
  expect(spawnSync('sh', ['-n'], { input: script }).status).toBe(0);
});
