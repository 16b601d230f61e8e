/** What all checks have in common: options, ranges, the one line, and root's last verdict. */
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ago, checkHost, kubectl } from './plug-in.js';

const SCRIPT = 'check_k8s_scheduler_stall.sh';
const healthy = () => checkHost({ kubectl: kubectl({ 'get pods': [] }) });

describe('an option', () => {
  test.each([
    [['--crtical', '3'], /option '--crtical': expected one of/],
    [['-c'], /option '-c': expected a range, got nothing/],
    [['-c', 'ten'], /range 'ten': expected e\.g\. 10/],
    [['-w', '@'], /range '@': expected/],
    [['-w', '1:2:3'], /range '1:2:3': expected/],
    [['-w', '010'], /range '010': expected/],
    [['-c', '08:'], /range '08:': expected/],
    [['-w', '7$(id)'], /range '7\$\(id\)': expected/],
    [['-t', '0'], /timeout '0': expected seconds/],
    [['extra'], /option 'extra': expected one of/],
  ])('that is wrong (%j) is UNKNOWN', (args, why) => {
    const { host, run } = healthy();
    const { status, stdout } = run(SCRIPT, ...args);

    expect(stdout).toMatch(/^K8S_SCHEDULER UNKNOWN - /);
    expect(stdout).toMatch(why);
    expect(status).toBe(3);
    expect(host.has('calls')).toBe(false);
  });

  test('asks for help or the version, and is never taken for OK', () => {
    const { version } = JSON.parse(readFileSync('package.json', 'utf8'));
    const help = healthy().run(SCRIPT, '--help');

    expect(help.stdout).toMatch(/Usage: check_k8s_scheduler_stall\.sh \[-w RANGE\]/);
    expect(help.status).toBe(3);
    expect(healthy().run(SCRIPT, '-V')).toMatchObject({
      status: 3,
      stdout: `check_k8s_scheduler_stall.sh (selfheal) ${version}\n`,
    });
  });
});

/** By the guidelines for plug-ins: alert outside of start to end, both included; `@` inside. */
test.each([
  ['2', 0],
  ['1', 1],
  ['2:', 0],
  ['3:', 1],
  ['~:2', 0],
  ['~:1', 1],
  ['1:2', 0],
  ['3:5', 1],
  ['@1:2', 1],
  ['@3:5', 0],
  ['-5:1', 1],
  ['', 0],
])('the range %j gives %d for two', (range, expected) => {
  const pods = [`a/b ${ago(400)} , ,`, `a/c ${ago(400)} , ,`];
  const { status } = checkHost({ kubectl: kubectl({ 'get pods': pods }) }).run(SCRIPT, '-w', range, '-c', '');

  expect(status).toBe(expected);
});

test('a check that found nothing out is UNKNOWN', () => {
  const script = 'LABEL=X; source "$0"; begin; finish';
  const { status, stdout } = spawnSync('bash', ['-euc', script, 'src/layers/checks/scripts/plugin.sh'], {
    encoding: 'utf8',
  });

  expect(stdout).toBe('X UNKNOWN - nothing was found out\n');
  expect(status).toBe(3);
});

test('text from the cluster can end neither the line nor the message', () => {
  const pods = [`a|b;x ${ago(400)} , ,`];
  const { stdout } = checkHost({ kubectl: kubectl({ 'get pods': pods }) }).run(SCRIPT);

  expect(stdout.split('\n')).toHaveLength(2);
  expect(stdout.split('|')).toHaveLength(2);
});

describe('--last', () => {
  const last = (verdict: string | null) => {
    const { host, run } = checkHost({});
    if (verdict !== null) host.write('run/check_k8s_nat_rules', verdict);
    const { status, stdout } = run('check_k8s_nat_rules.sh', '--last');
    return `${status} ${stdout}`;
  };

  test('tells what root saw, with its status', () => {
    expect(last('990 2\nNAT_RULES CRITICAL - x | connects=0;;;0\n')).toBe(
      '2 NAT_RULES CRITICAL - x | connects=0;;;0\n',
    );
    expect(last('760 0\nNAT_RULES OK - x\n')).toBe('0 NAT_RULES OK - x\n');
  });

  test.each([
    ['none was left', null, /has not run/],
    ['it is older than four minutes', '759 0\nNAT_RULES OK - x\n', /241 s old, more than 240 s: NAT_RULES OK/],
    ['it is of an uptime that has not come yet', '1001 0\nNAT_RULES OK - x\n', /s old/],
    ['it is half of one', '990 0\n', /has not run/],
    ['it has a status that is none', '990 4\nNAT_RULES OK - x\n', /expected a verdict/],
    ['it is empty', '', /has not run/],
  ])('is UNKNOWN where %s', (_, verdict, why) => {
    expect(last(verdict)).toMatch(/^3 NAT_RULES UNKNOWN - /);
    expect(last(verdict)).toMatch(why);
  });
});

/** The lease is asked for again after a pause; a host without the program for it ends the script as bash does. */
test('an error of the check itself is UNKNOWN, and not the 1 of bash', () => {
  const leases = [`kube-controller-manager ${ago(9_999)} a_b`, `kube-scheduler ${ago(1)} a_b`];
  const { status, stdout } = checkHost({ kubectl: kubectl({ 'get leases.coordination.k8s.io': leases }) }).run(
    'check_k8s_lease_holder.sh',
  );

  expect(stdout).toBe('K8S_LEASES UNKNOWN - the check itself ended early (status 127)\n');
  expect(status).toBe(3);
});
