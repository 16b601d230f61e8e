import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { sshArguments } from '../../src/commands/ssh-run.js';
import { describeWith } from '../support/tools.js';

const SSH = { host: '192.0.2.7', port: 2222, user: 'ops', sudo: true, hostKey: 'ssh-ed25519 AAAA' };
const argumentsOf = (settings: readonly string[] = [], own = {}) =>
  sshArguments({ node: 'attic', ssh: { ...SSH, ...own }, settings }, '/tmp/a b/known_hosts');

const HOSTILE = `it's $(touch taken) \`touch taken\` "; touch taken # \\ \n&& *`;

test.each(['-oProxyCommand=touch taken', '-F/dev/null'])('a host is no option, whatever it is called: %j', (host) => {
  const words = argumentsOf([], { host });

  expect(words.slice(-3, -1)).toEqual(['--', host]);
  expect(words.filter((word) => word === host)).toHaveLength(1);
});

test('a login name is the value of an option, and never one itself', () => {
  const words = argumentsOf([], { user: '-oProxyCommand=x' });

  expect(words[words.indexOf('-oProxyCommand=x') - 1]).toBe('-l');
});

test.each(['sh', 'bash'])('no setting is more than one word for %s there', (shell) => {
  const folder = mkdtempSync(join(tmpdir(), 'ssh-run-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const command = argumentsOf([`HOST_REBOOT_BOOT_ID=${HOSTILE}`], { sudo: false }).at(-1) ?? '';

  const { stdout, status } = spawnSync(shell, ['-c', command], {
    ...{ cwd: folder, encoding: 'utf8', input: `printf %s "$HOST_REBOOT_BOOT_ID"; ls` },
  });

  expect(stdout).toBe(`selfheal: ready\n${HOSTILE}`);
  expect(status).toBe(0);
});

test('nothing begins there before a program has arrived, nor with one that was cut off', () => {
  const command = argumentsOf([], { sudo: false }).at(-1) ?? '';
  const program = 'main() {\n  printf begun\n}\nif [[ 1 == 1 ]]; then\n  main\nfi\n';
  const given = (input: string) => spawnSync('sh', ['-c', command], { input, encoding: 'utf8' }).stdout;

  expect(given(program)).toBe('selfheal: ready\nbegun');
  for (let length = 0; length < program.length - 3; length++) {
    expect(given(program.slice(0, length))).toBe('selfheal: ready\n');
  }
});

describeWith(['ssh'], 'as ssh itself reads it', () => {
  test("nobody's settings can loosen what holds for the host key, or ask a person", () => {
    const folder = mkdtempSync(join(tmpdir(), 'ssh-run-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const loose = join(folder, 'config');
    writeFileSync(
      loose,
      [
        'Host *',
        ...['StrictHostKeyChecking no', 'UserKnownHostsFile /dev/null', 'GlobalKnownHostsFile /etc/passwd'],
        ...['KnownHostsCommand /bin/echo x', 'VerifyHostKeyDNS yes', 'UpdateHostKeys yes', 'HostKeyAlias other'],
        ...['BatchMode no', 'ControlMaster auto', 'ControlPath /tmp/shared', 'ForwardAgent yes', 'RequestTTY force'],
        ...['ConnectTimeout 600', 'ServerAliveInterval 0', 'LocalForward 9999 localhost:22', 'RemoteCommand id'],
        ...['User root', 'Port 22', 'IdentityFile /home/me/.ssh/attic', 'ProxyJump bastion', ''],
      ].join('\n'),
    );

    const { stdout, stderr } = spawnSync('ssh', ['-G', '-F', loose, ...argumentsOf()], { encoding: 'utf8' });
    const read = new Map(stdout.split('\n').map((line) => [line.replace(/ .*/, ''), line.replace(/^\S+ /, '')]));

    expect(stderr).toBe('');
    expect(Object.fromEntries(read)).toMatchObject({
      ...{ hostname: '192.0.2.7', user: 'ops', port: '2222', hostkeyalias: 'attic', batchmode: 'yes' },
      ...{ stricthostkeychecking: 'true', globalknownhostsfile: '/dev/null', verifyhostkeydns: 'false' },
      ...{ updatehostkeys: 'false', controlmaster: 'false', forwardagent: 'no', requesttty: 'false' },
      ...{ connecttimeout: '8', serveraliveinterval: '5', serveralivecountmax: '3', clearallforwardings: 'yes' },
    });
    expect(read.get('userknownhostsfile')).toMatch(/^"?\/tmp\/a b\/known_hosts"?$/);
    for (const off of ['knownhostscommand', 'controlpath', 'remotecommand']) {
      expect(read.get(off) ?? 'none', off).toBe('none');
    }
    // What is theirs to say.
    expect(read.get('identityfile')).toBe('/home/me/.ssh/attic');
    expect(read.get('proxyjump')).toBe('bastion');
  });
});
