import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { fakeHost } from '../../support/fake-host.js';

const SCRIPTS = new URL('../../../src/layers/rcu-watchdog/scripts/', import.meta.url).pathname;

interface Kernel {
  readonly release?: string;
  /** Contents by name below rcupdate's parameters. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly hz?: { readonly boot?: string; readonly proc?: string };
}

/** What `calibrate` makes of a kernel: `HZ NORMAL EXPEDITED`, what it says is unknown, what it logged. */
function calibrate({ release = '6.12.0-raspi', parameters = {}, hz = {} }: Kernel) {
  const host = fakeHost(['timeout', 'gzip', 'grep'], { logger: '' });
  host.write('proc/sys/kernel/osrelease', `${release}\n`);
  host.write('sys/x', '');
  for (const [name, content] of Object.entries(parameters))
    host.write(`sys/module/rcupdate/parameters/${name}`, `${content}\n`);
  if (hz.boot !== undefined) host.write(`boot/config-${release}`, `CONFIG_HZ_FIXED=0\nCONFIG_HZ=${hz.boot}\n`);
  if (hz.proc !== undefined)
    writeFileSync(
      host.path('proc/config.gz'),
      gzipSync(`CONFIG_HZ=${hz.proc}
`),
    );
  const script = `set -euo pipefail; source ${SCRIPTS}bounds.sh; source ${SCRIPTS}calibration.sh
    PROC=${host.path('proc')} SYS=${host.path('sys')} BOOT_FOLDER=${host.path('boot')}
    log() { LOGGED+="$2"; }
    LOGGED=''; calibrate; printf '%s|%s|%s' "$HZ $NORMAL_TIMEOUT $EXPEDITED_TIMEOUT" "$UNKNOWN" "$LOGGED"`;
  const { stdout, stderr } = spawnSync('bash', ['--norc', '-c', script], {
    env: { PATH: host.path('bin'), HOME: host.folder },
    encoding: 'utf8',
  });
  const [settings, unknown = '', logged = ''] = stdout.split('|');
  return { settings, unknown, logged, stderr };
}

const both = (normal: string, expedited: string) => ({
  rcu_cpu_stall_timeout: normal,
  rcu_exp_cpu_stall_timeout: expedited,
});

test.each<readonly [string, Kernel, string]>([
  ["Ubuntu's Pi kernel: 20 ms", { parameters: both('21', '20'), hz: { boot: '1000' } }, '1000 21 0.020'],
  ['0: the other one holds', { parameters: both('60', '0'), hz: { boot: '250' } }, '250 60 60'],
  ['more than a second', { parameters: both('60', '21500'), hz: { boot: '250' } }, '250 60 21.500'],
  [
    'before 5.19: one time-out for both',
    { release: '5.10.0-30-amd64', parameters: { rcu_cpu_stall_timeout: '21' }, hz: { boot: '250' } },
    '250 21 21',
  ],
  ['the configuration in /proc', { parameters: both('21', '0'), hz: { proc: '100' } }, '100 21 21'],
])('%s is read from the kernel, and nothing is unknown', (_, kernel, settings) => {
  expect(calibrate(kernel)).toEqual({ settings, unknown: '', logged: '', stderr: '' });
});

test.each<readonly [string, Kernel, string, string]>([
  ['no HZ', { parameters: both('21', '20') }, '0 21 0.020', 'HZ'],
  ['HZ that is no number', { parameters: both('21', '20'), hz: { boot: 'x' } }, '0 21 0.020', 'HZ'],
  ['no time-outs', { hz: { boot: '250' } }, '250 0 0', 'rcu_cpu_stall_timeout'],
  [
    'a time-out that is no number',
    { parameters: both('never', '0'), hz: { boot: '250' } },
    '250 0 0',
    'rcu_cpu_stall_timeout',
  ],
  [
    'a later kernel without the expedited one',
    { release: '5.19.0', parameters: { rcu_cpu_stall_timeout: '21' }, hz: { boot: '250' } },
    '250 21 0',
    'rcu_exp_cpu_stall_timeout',
  ],
])('%s is said to be unknown', (_, kernel, settings, word) => {
  const answer = calibrate(kernel);

  expect(answer.settings).toBe(settings);
  expect(answer.unknown).toContain(word);
});

test('a kernel that was told to report no stalls is warned about', () => {
  const parameters = { ...both('21', '0'), rcu_cpu_stall_suppress: '1' };

  expect(calibrate({ parameters, hz: { boot: '250' } }).logged).toContain('the kernel reports no stalls');
});
