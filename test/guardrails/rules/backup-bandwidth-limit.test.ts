import { describe, expect, test } from 'vitest';
import { backupBandwidthLimit } from '../../../src/guardrails/rules/backup-bandwidth-limit.js';
import { configMap, cronJob, findings, foundIn, pod, SCRIPTS_VOLUME } from '../examples.js';

/** A CronJob whose mounted script has these lines. */
const running = (lines: string, env: Readonly<Record<string, string>> = {}) => [
  cronJob(
    {},
    pod({ volumes: [SCRIPTS_VOLUME] }, { env: Object.entries(env).map(([name, value]) => ({ name, value })) }),
  ),
  configMap({ 'run.sh': `#!/bin/sh\n${lines}\n` }),
];

describe('backup-bandwidth-limit', () => {
  test('refuses rsync without a limit in a mounted script', () => {
    expect(foundIn(backupBandwidthLimit, running('rsync -az /storage/ victor@192.0.2.9:/backup/'))).toEqual([
      'ConfigMap tools/scripts, key \'run.sh\': expected rsync with a bandwidth limit, got "rsync -az /storage/ victor@192.0.2.9:/backup/"',
    ]);
  });

  test.each([
    ["through the host's linker", '"$LD" --library-path /host-lib /host-usr/bin/rsync -az /a/ b:/c/'],
    ['by a variable that is named after it', 'timeout 60 "$BACKUP_RSYNC" -az /a/ b:/c/'],
    ['over several lines', 'rsync -az \\\n  -e ssh \\\n  /a/ b:/c/'],
    ['with options that were gathered without one', 'set -- -az -e ssh\nrsync "$@" /a/ b:/c/'],
    ['with the limit in a comment only', '# --bwlimit=5000 would be slow\nrsync -az /a/ b:/c/'],
    ['with the limit in a second call only', 'rsync -a /a/ b:/c/\nrsync --bwlimit=5000 -a /a/ b:/c/'],
    ['that is kept for later', 'copy="rsync /a/ b:/c/"\n$copy'],
    ['behind a message', 'why="rsync ended with $status" rsync -a /a/ b:/c/'],
    ['after a message', 'finish 4 "failed (rsync status $status)"; rsync -a /a/ b:/c/'],
    ['as scp', 'scp -r /storage victor@192.0.2.9:/backup'],
    ['as rclone', 'rclone sync /storage remote:backup'],
    ['as restic', 'restic backup /storage'],
  ])('refuses a copy without a limit %s', (_, lines) => {
    expect(findings(backupBandwidthLimit, running(lines))).toHaveLength(1);
  });

  test.each([
    ['zero, which means none', 'rsync -az --bwlimit=0 /a/ b:/c/', {}],
    ['a variable that nobody sets', 'rsync -az --bwlimit="$LIMIT" /a/ b:/c/', {}],
    ['a variable that is zero', 'rsync -az --bwlimit="$LIMIT" /a/ b:/c/', { LIMIT: '0' }],
    ['a default of zero', 'rsync -az --bwlimit="${LIMIT:-0}" /a/ b:/c/', {}],
  ])('refuses a limit of %s', (_, lines, env) => {
    const [found] = findings(backupBandwidthLimit, running(lines, env));

    expect(found?.found).toContain("expected rsync's limit to be a number above zero");
  });

  test("refuses rsync in a container's own arguments", () => {
    const job = cronJob({}, pod({}, { command: ['rsync', '-az', '/a/', 'b:/c/'] }));

    expect(findings(backupBandwidthLimit, [job])).toHaveLength(1);
  });

  test.each([
    ['a number', 'rsync -az --bwlimit=5000 /a/ b:/c/', {}],
    ['the environment', '"$RSYNC" -az "--bwlimit=$LIMIT" /a/ b:/c/', { LIMIT: '5000' }],
    ['an assignment', 'limit=5000\nrsync -az --bwlimit="$limit" /a/ b:/c/', {}],
    ['a default', 'limit=${LIMIT:-5000}\nrsync -az --bwlimit="$limit" /a/ b:/c/', {}],
    ['gathered options', 'set -- -az --bwlimit=5000\nrsync "$@" /a/ b:/c/', {}],
    ['several lines', 'rsync -az \\\n  --bwlimit=5000 \\\n  /a/ b:/c/', {}],
    ['a call that is only spoken of', 'if stopped; then WHY="stopped (status $s)"; else WHY="rsync status $s"; fi', {}],
    ['a call in what is said', 'case $s in 12) finish 4 "failed (rsync status $s), or no key" ;; esac', {}],
  ])('accepts a limit by %s', (_, lines, env) => {
    expect(foundIn(backupBandwidthLimit, running(lines, env))).toEqual([]);
  });

  test('accepts a script that only speaks of rsync', () => {
    const lines = [
      '# rsync -az without a limit froze the node',
      'printf "rsync -a failed\\n"',
      'command -v rsync >/dev/null || exit 2',
      'for tool in "$RSYNC" "$SSH"; do [ -x "$tool" ] || exit 2; done',
    ].join('\n');

    expect(foundIn(backupBandwidthLimit, running(lines))).toEqual([]);
  });

  test('does not look at a script that no pod mounts', () => {
    expect(
      foundIn(backupBandwidthLimit, [configMap({ 'run.sh': '#!/bin/sh\nrsync -a /a b:/c\n' }), cronJob()]),
    ).toEqual([]);
  });
});
