/** Runs report.sh under busybox's shell with its applets alone; the way into the host is an empty environment. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { describeWith } from '../../../support/tools.js';

const SCRIPT = resolve('src/layers/node-bootstrap/scripts/report.sh');

/** `host` is the body of the host's program. */
function report(host: string, environment: Readonly<Record<string, string>> = {}, way?: readonly string[]) {
  const folder = mkdtempSync(join(tmpdir(), 'report-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, 'bin'));
  for (const applet of ['sh', 'timeout']) symlinkSync('/bin/busybox', join(folder, 'bin', applet));
  writeFileSync(join(folder, 'host-report.sh'), `${host}\n`);
  const { status, stdout, stderr } = spawnSync(
    '/bin/busybox',
    ['sh', SCRIPT, ...(way ?? ['/usr/bin/env', '-i', 'PATH=/usr/bin:/bin'])],
    {
      encoding: 'utf8',
      timeout: 60_000,
      env: { PATH: join(folder, 'bin'), WATCH_HOST_PAYLOAD: folder, ...environment },
    },
  );
  return { status, stdout, stderr };
}

describeWith(['busybox'], 'report.sh', () => {
  test('prints what the host says as one line', () => {
    expect(report(`echo '{"report":1,"node":"attic"}'`)).toEqual({
      status: 0,
      stdout: 'report {"report":1,"node":"attic"}\n',
      stderr: '',
    });
  });

  test('tells the host what the kubelet tells every pod, and nothing else of the pod', () => {
    const { stdout } = report(
      `printf '{"report":1,"a":"%s:%s:%s"}' "$REPORT_CLUSTER_IP" "$REPORT_CLUSTER_PORT" "\${WATCH_HOST_PAYLOAD-none}"`,
      { KUBERNETES_SERVICE_HOST: '10.43.0.1', KUBERNETES_SERVICE_PORT: '8443' },
    );

    expect(stdout).toBe('report {"report":1,"a":"10.43.0.1:8443:none"}\n');
  });

  test.each([
    ['a host without the program', 'exit 127', 'the host gave none (status 127)'],
    ['a program that fails after its report', `echo '{"report":1}'; exit 2`, 'the host gave none (status 2)'],
    ['two lines', `echo '{"report":1}'; echo '{"report":1}'`, 'expected one line, got several'],
    ['something else', 'echo hello', 'expected a report, got "hello"'],
    ['nothing', ':', 'expected a report, got ""'],
    ['half a report', `printf '{"report":1,"no'`, `expected a report, got "{"report":1,"no"`],
    [
      'one that the runtime would cut',
      `printf '{"report":1,"a":"%08192d"}' 0`,
      'expected at most 8192 characters, got 8211',
    ],
  ])('prints no report of %s', (_, host, why) => {
    expect(report(host)).toEqual({ status: 2, stdout: '', stderr: `report: ${why}\n` });
  });

  test('does not wait for a host that hangs', () => {
    const begun = performance.now();
    const { status, stdout } = report('exec sleep 50', { REPORT_TIMEOUT: '1' });

    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(performance.now() - begun).toBeLessThan(15_000);
  });

  test('refuses to run without a way into the host, or without a bound', () => {
    expect(report(':', {}, [])).toMatchObject({ status: 1, stderr: expect.stringContaining('the way into the host') });
    expect(report(':', { REPORT_TIMEOUT: '1m' })).toMatchObject({
      status: 1,
      stderr: 'report: REPORT_TIMEOUT: expected seconds, got "1m"\n',
    });
  });
});
