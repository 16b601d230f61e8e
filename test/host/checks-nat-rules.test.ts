/**
 * check_k8s_nat_rules in a network namespace with the real iptables: the rules of kube-proxy as it writes them, a listener
 * behind them, and what is seen when they go. Needs root, ip and iptables.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../support/tools.js';

const SCRIPT = new URL('../../src/layers/checks/scripts/check_k8s_nat_rules.sh', import.meta.url).pathname;
const NAMESPACE = `checks${process.pid}`;
const CLUSTER_IP = '10.152.183.1';
const API = '10.0.0.5';

const COMMENT = (text: string): readonly string[] => ['-m', 'comment', '--comment', text];
const SERVICE = 'KUBE-SVC-NPX46M4PTMTKRN6Y';
const JUMPS = ['PREROUTING', 'OUTPUT'].map((chain) => [
  '-A',
  chain,
  ...COMMENT('kubernetes service portals'),
  '-j',
  'KUBE-SERVICES',
]);
const RULE = [
  '-A',
  'KUBE-SERVICES',
  '-d',
  `${CLUSTER_IP}/32`,
  '-p',
  'tcp',
  ...COMMENT('default/kubernetes:https cluster IP'),
  '-m',
  'tcp',
  '--dport',
  '443',
  '-j',
  SERVICE,
];
const TARGET = ['-A', SERVICE, '-p', 'tcp', '-j', 'DNAT', '--to-destination', `${API}:16443`];

function within(...command: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', ['netns', 'exec', NAMESPACE, ...command], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`'${command.join(' ')}': expected to succeed, got ${status}: ${stderr}`);
}

describeWith(['ip', 'iptables', 'iptables-save'], 'the rules of ClusterIPs', () => {
  let folder: string;
  let listener: ChildProcess | undefined;

  const nat = (...rules: readonly (readonly string[])[]) => {
    for (const rule of rules) within('iptables', '-t', 'nat', ...rule);
  };
  const check = (as: readonly string[] = []) => {
    const environment = [
      'env',
      '-i',
      `PATH=${folder}:/usr/sbin:/usr/bin:/sbin:/bin`,
      'CHECKS_SETTINGS_FILE=/dev/null',
      'CHECKS_NODE_KUBECTL=kubectl',
    ];
    const { status, stdout } = spawnSync('ip', ['netns', 'exec', NAMESPACE, ...as, ...environment, SCRIPT], {
      encoding: 'utf8',
      timeout: 40_000,
    });
    return `${status} ${stdout}`;
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'nat-rules-'));
    spawnSync('chmod', ['0755', folder]);
    const answer = ['\\tDate: Thu, 04 Jun 2026 20:27:00 GMT', 'selfheal-begin', `${CLUSTER_IP} 443 `, 'selfheal-end'];
    writeFileSync(join(folder, 'kubectl'), `#!/bin/sh\nprintf '${answer.join('\\n')}\\n'\n`, { mode: 0o755 });
    spawnSync('ip', ['netns', 'add', NAMESPACE]);
    within('ip', 'link', 'set', 'lo', 'up');
    within('ip', 'address', 'add', `${API}/32`, 'dev', 'lo');
    // Where everything goes that no rule turns round: a network that never answers.
    within('ip', 'link', 'add', 'nowhere', 'type', 'bridge');
    within('ip', 'link', 'set', 'nowhere', 'up');
    within('ip', 'route', 'add', 'default', 'dev', 'nowhere');
    const program = `require('node:net').createServer((socket) => socket.end()).listen(16443, '${API}', () => console.log('up'))`;
    const started = spawn('ip', ['netns', 'exec', NAMESPACE, process.execPath, '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    listener = started;
    await new Promise((resolve) => started.stdout.once('data', resolve));
  });
  beforeEach(() => {
    nat(['-F'], ['-X'], ['-N', 'KUBE-SERVICES'], ['-N', SERVICE], TARGET, RULE, ...JUMPS);
  });
  afterAll(() => {
    listener?.kill('SIGKILL');
    spawnSync('ip', ['netns', 'delete', NAMESPACE]);
    rmSync(folder, { recursive: true, force: true });
  });

  test('is well while they are there', () => {
    expect(check()).toBe(
      `0 NAT_RULES OK - ${CLUSTER_IP}:443 answers, iptables has its rules | connects=1;;;0 rules=1;;;0\n`,
    );
  });

  test('is critical when a reboot has taken all of them, as on k8s02 in June', () => {
    nat(['-F'], ['-X']);

    expect(check()).toMatch(/^2 NAT_RULES CRITICAL - no connection to 10\.152\.183\.1:443.*has no chain KUBE-SERVICES/);
  });

  test('is critical when the rule of one Service is lost', () => {
    nat(['-D', ...RULE.slice(1)]);

    expect(check()).toMatch(/^2 .*no connection .*lacks the rule of kubernetes/);
  });

  test('is critical when pods have lost the jump to them, though the host itself has a way', () => {
    nat(['-D', ...(JUMPS[0] ?? []).slice(1)]);

    expect(check()).toMatch(/^2 .*answers, but iptables lacks the jump to KUBE-SERVICES/);
  });

  test('is critical when nothing listens behind them', () => {
    nat(['-F', SERVICE], [...TARGET.slice(0, -1), `${API}:16444`]);

    expect(check()).toMatch(/^2 .*no connection .*iptables has its rules/);
  });

  test('cannot tell as a user that may not read the rules', () => {
    expect(check(['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'])).toMatch(
      /^3 NAT_RULES UNKNOWN - .*answers, but the rules could not be read: no root/,
    );
  });
});
