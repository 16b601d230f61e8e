import { describe, expect, test } from 'vitest';
import { scriptInFile } from '../../../src/guardrails/rules/script-in-file.js';
import type { Json } from '../../../src/manifest/manifest.js';
import { cronJob, findings, foundIn, manifest, pod } from '../examples.js';

const running = (fields: { readonly [key: string]: Json }) => cronJob({}, pod({}, fields));

describe('script-in-file', () => {
  test('refuses the wrapper script that lost its "$@"', () => {
    const job = running({
      command: ['/bin/sh', '-c'],
      args: ['printf \'#!/bin/sh\\nexec ssh "$@"\' > /tmp/ssh\nrsync -e /tmp/ssh'],
    });

    expect(foundIn(scriptInFile, [job])).toEqual([
      `CronJob tools/nightly, container 'main': expected a command of plain words, got a script of 2 lines starting "printf '#!/bin/sh\\\\nexec ssh \\"$@\\"' > /tmp"`,
    ]);
  });

  test.each<[string, { readonly [key: string]: Json }]>([
    ['a pipe', { command: ['sh', '-c', 'cat /a | wc'] }],
    ['a variable', { command: ['bash', '-ec', 'run $HOME'] }],
    ['two commands of busybox', { command: ['busybox', 'sh', '-c', 'a; b'] }],
    ['several lines for another interpreter', { command: ['python3', '-c', 'import os\nprint(1)'] }],
    ['a script in a probe', { livenessProbe: { exec: { command: ['sh', '-c', 'a\nb'] } } }],
  ])('refuses %s', (_, fields) => {
    expect(findings(scriptInFile, [running(fields)])).toHaveLength(1);
  });

  test('refuses a script in the arguments of a Plan', () => {
    const plan = manifest('upgrade.cattle.io/v1', 'Plan', 'os', {
      spec: { upgrade: { image: 'a:1.0', command: ['sh', '-c'], args: ['apt-get update && reboot'] } },
    });

    expect(findings(scriptInFile, [plan])).toHaveLength(1);
  });

  test.each<[string, { readonly [key: string]: Json }]>([
    ['a script by its path', { command: ['/scripts/backup.sh'], args: ['--once'] }],
    ['nsenter with its arguments', { command: ['nsenter', '-t', '1', '-m', '--', '/bin/true'] }],
    ['one plain command', { command: ['sh', '-c', 'sleep 10'] }],
    ['arguments with signs that no shell reads', { args: ['--match={a|b}', '$(NODE_NAME)'] }],
  ])('accepts %s', (_, fields) => {
    expect(foundIn(scriptInFile, [running(fields)])).toEqual([]);
  });
});
