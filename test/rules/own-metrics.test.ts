/**
 * What our own scripts leave for node_exporter is what test/fixtures/metrics/selfheal.prom says: `--update` records it anew.
 *
 * The scripts run; only values that differ from run to run are put to a constant.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { BackupPod } from '../support/backup-pod.js';
import { describeWith } from '../support/tools.js';
import { stalls, watchdogHost } from '../support/watchdog.js';

const LAYERS = new URL('../../src/layers/', import.meta.url).pathname;
const SCRIPTS = join(LAYERS, 'node-bootstrap/scripts');

/** After a reboot for a burst: the report of the boot before lies there. */
function watchdog(): string {
  const node = watchdogHost();
  node.log(stalls(10, 3599));
  expect(node.check().requests).not.toEqual([]);
  node.host.write('proc/sys/kernel/random/boot_id', '22222222-2222-3333-4444-555555555555\n');
  node.host.write('kmsg', '6,0,0,-;Booting Linux\n');
  node.check();
  return node.metrics;
}

/** One look at a host with something of everything. */
function bootstrap(): string {
  const folder = temporary();
  for (const name of ['bin', 'own', 'payload', 'host']) mkdirSync(join(folder, name));
  for (const applet of ['sh', 'timeout', 'rm', 'cat']) symlinkSync('/bin/busybox', join(folder, 'bin', applet));
  writeFileSync(join(folder, 'uptime'), '1000.50 99.00\n');
  writeFileSync(join(folder, 'payload/stage.sh'), 'exit 0\n');
  writeFileSync(join(folder, 'host/converge.sh'), 'printf "kept /a\\ndrifted /b: edited\\n"\nexit 3\n');
  for (const part of readdirSync(SCRIPTS))
    if (part !== 'converge.sh') symlinkSync(join(SCRIPTS, part), join(folder, 'host', part));
  writeFileSync(join(folder, 'host/plan'), 'selfheal-plan 1\nboot-loader grub\nargument panic=10\nend\n');
  const root = {
    'run/reboot-required': '',
    'proc/cmdline': 'quiet\n',
    'proc/sys/kernel/osrelease': '6.8.0-31-generic\n',
  };
  for (const [name, content] of Object.entries(root)) {
    mkdirSync(dirname(join(folder, 'root', name)), { recursive: true });
    writeFileSync(join(folder, 'root', name), content);
  }
  const keep = `#!/bin/sh\ncat ${folder}/metrics/selfheal_bootstrap.prom >${folder}/kept\nkill -TERM $PPID\n`;
  writeFileSync(join(folder, 'bin/sleep'), keep, { mode: 0o755 });
  spawnSync('/bin/dash', [join(SCRIPTS, 'watch.sh'), '/usr/bin/env', 'PATH=/usr/bin:/bin'], {
    timeout: 15_000,
    env: {
      PATH: join(folder, 'bin'),
      WATCH_EVERY: '300',
      WATCH_FOLDER: join(folder, 'own'),
      WATCH_PAYLOAD: join(folder, 'payload'),
      WATCH_HOST_PAYLOAD: join(folder, 'host'),
      WATCH_TEXTFILE_FOLDER: join(folder, 'metrics'),
      WATCH_UPTIME: join(folder, 'uptime'),
      REPORT_ROOT: join(folder, 'root'),
    },
  });
  return readFileSync(join(folder, 'kept'), 'utf8');
}

function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'own-metrics-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** One run of the checks of a host; what they say themselves is not looked at here. */
function checks(): string {
  const folder = temporary();
  const stub = '#!/bin/sh\necho "K8S_NAT_RULES OK - stub"\n';
  writeFileSync(join(folder, 'check_k8s_nat_rules.sh'), stub, { mode: 0o755 });
  const { status } = spawnSync(join(LAYERS, 'checks/scripts/selfheal-checks.sh'), {
    env: {
      PATH: '/usr/bin:/bin',
      CHECKS_HOST_SIDE: 'check_k8s_nat_rules',
      CHECKS_LIBRARY: folder,
      CHECKS_RUN_FOLDER: join(folder, 'run'),
      CHECKS_TEXTFILE_FOLDER: join(folder, 'textfile'),
    },
  });
  expect(status).toBe(0);
  return readFileSync(join(folder, 'textfile/selfheal_checks.prom'), 'utf8');
}

/** A good run and a good drill. */
async function backup(): Promise<string> {
  const pod = new BackupPod();
  onTestFinished(() => pod.end());
  pod.folder('scratch');
  pod.folder('drill-run');
  pod.volume('pvc-1_home_ha', 3);
  expect((await pod.run('backup.sh')).status).toBe(0);
  // Each Job has an emptyDir of its own.
  const own = { RUN_FOLDER: pod.at('drill-run'), SCRATCH: pod.at('scratch'), MAX_BYTES: '1000000' };
  const drill = { ...own, NAME: 'local-path-backup-drill' };
  expect((await pod.run('drill.sh', drill)).status).toBe(0);
  return readdirSync(pod.at('textfile'))
    .map((file) => pod.read(`textfile/${file}`))
    .join('');
}

/** The times of this run, and what this machine's disk has. */
const steady = (line: string): string =>
  line
    .replace(/^(\w+_timestamp_seconds(?:\{.*\})?) [1-9]\d{8,}$/, '$1 1700000000')
    .replace(/^(\w+_duration_seconds(?:\{.*\})?) \d+$/, '$1 1')
    .replace(/^(\w+_bytes(?:\{.*\})?) [1-9]\d*$/, '$1 1000000');

/** The families of several files, in the order of their names. */
function families(texts: readonly string[]): string {
  const found = new Map<string, string[]>();
  for (const line of texts.join('\n').split('\n')) {
    const [, name] = /^(?:# (?:HELP|TYPE) )?(selfheal_\w+)/.exec(line) ?? [];
    if (name !== undefined) found.set(name, [...(found.get(name) ?? []), steady(line)]);
  }
  return [...found]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, lines]) => lines)
    .join('\n');
}

describeWith(['busybox', 'dash', 'rsync', 'flock', 'awk'], 'what our own scripts write', () => {
  test('is what the fixture says', async () => {
    const text = families([watchdog(), bootstrap(), checks(), await backup()]);

    expect(text).toContain('selfheal_watchdog_evidence_files 1');
    await expect(
      `# What our own scripts leave for node_exporter, recorded by test/rules/own-metrics.test.ts.\n${text}\n`,
    ).toMatchFileSnapshot('../fixtures/metrics/selfheal.prom');
  });
});
