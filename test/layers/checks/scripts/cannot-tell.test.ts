/** Each check in every way in which it cannot tell: UNKNOWN, 3, one line; never OK, and never bash's own 1. */
import { spawnSync } from 'node:child_process';
import { copyFileSync, readdirSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { checkHost, kubectl, rows, SETTINGS, type Verdict } from './plug-in.js';

const all = readdirSync('src/layers/checks/scripts').filter((name) => /^check_.*\.sh$/.test(name));

/** What each asks the API server for first. */
const FIRST: Readonly<Record<string, string>> = {
  'check_k8s_scheduler_stall.sh': 'get pods',
  'check_k8s_lease_holder.sh': 'get leases.coordination.k8s.io',
  'check_coredns_replicas.sh': 'get deployments.apps',
  'check_sandbox_changed.sh': 'get events',
  'check_jiva_quorum.sh': 'get statefulsets.apps',
  'check_backup_age.sh': 'get jobs.batch',
  'check_k8s_nat_rules.sh': 'get services',
  'check_calico_node_restarts.sh': 'get pods',
};
const asking = Object.keys(FIRST);

const isUnknown = ({ status, stdout, stderr }: Verdict, why: RegExp) => {
  expect(stdout).toMatch(/^[A-Z0-9_]+ UNKNOWN - [^|\n]+(\| [^|\n]+)?\n$/);
  expect(stdout).toMatch(why);
  expect(stderr).toBe('');
  expect(status).toBe(3);
};

/** A node that is one, so that the API server is what is not known. */
const hostWith = (answer: string) => {
  const made = checkHost({ kubectl: answer });
  made.host.write('proc/sys/kernel/hostname', 'k8s02\n');
  made.host.write('proc/sys/kernel/random/boot_id', 'b2\n');
  made.host.write('proc/stat', 'cpu 1\nbtime 1780600000\n');
  return made;
};

test('the scan found the checks, and all but two ask the API server', () => {
  expect(all.filter((name) => !asking.includes(name))).toEqual(['check_dqlite_locks.sh', 'check_rcu_watchdog.sh']);
});

const REFUSED = `printf 'The connection to the server 127.0.0.1:16443 was refused - did you specify the right host or port?\\n' >&2; exit 1`;
const FORBIDDEN = `printf 'I0604 20:27:00.6 1 x.go:1] y\\n\\tDate: Thu, 04 Jun 2026 20:27:00 GMT\\nError from server (Forbidden): it is forbidden: User "x" cannot list it\\n' >&2; exit 1`;

describe.each(asking)('%s cannot tell', (script) => {
  test('while the API server refuses connections', () => {
    isUnknown(hostWith(REFUSED).run(script), /was refused/);
  });

  test('what it may not read', () => {
    isUnknown(hostWith(FORBIDDEN).run(script), /\(Forbidden\): it is forbidden/);
  });

  test('by an answer that is none', () => {
    isUnknown(hostWith("printf '<html>login</html>\\n'").run(script), /no whole answer/);
  });

  test('by an answer that is cut short', () => {
    isUnknown(hostWith("printf 'selfheal-begin\\n'").run(script), /no whole answer/);
  });

  test('by an answer that does not say when it was given', () => {
    isUnknown(hostWith(rows([], ':')).run(script), /does not tell the API server's time/);
  });

  test('by rows that are not what was asked for', () => {
    const { status, stdout } = hostWith(kubectl({ [FIRST[script] ?? '']: ['<no value>', 'x y z | w'] })).run(script);

    expect(stdout).toMatch(/^[A-Z0-9_]+ UNKNOWN - /);
    expect(status).toBe(3);
  });

  test('without kubectl', () => {
    const { host, run } = hostWith('');
    host.write(
      'checks.env',
      `${host.read('checks.env')}CHECKS_KUBECTL=none\nCHECKS_NODE_KUBECTL=none\n`.replaceAll(
        /^CHECKS_\w*KUBECTL="[^\n]*\n/gm,
        '',
      ),
    );

    isUnknown(run(script), /kubectl 'none': expected a program/);
  });
});

/** A list that cannot be empty where Kubernetes is at work. */
describe.each(asking.filter((name) => !/scheduler_stall|sandbox_changed/.test(name)))('%s', (script) => {
  test('takes an empty answer for none', () => {
    const { status, stdout } = hostWith(rows([])).run(script);

    expect(stdout).toMatch(/^[A-Z0-9_]+ UNKNOWN - /);
    expect(status).toBe(3);
  });
});

test('an API server that hangs ends with the time that is given', () => {
  const { host, run } = checkHost({ kubectl: 'exec sleep 20' }, SETTINGS, ['sleep']);
  const began = process.hrtime.bigint();

  isUnknown(run('check_k8s_scheduler_stall.sh', '-t', '1'), /did not answer 'get pods' within 1 s/);
  expect(Number(process.hrtime.bigint() - began) / 1e9).toBeLessThan(8);
  expect(host.has('calls')).toBe(true);
});

describe.each(all)('%s', (script) => {
  test('cannot tell without its settings', () => {
    isUnknown(checkHost({ kubectl: 'exit 1' }, {}).run(script), /expected|failed|could not be read/);
  });

  test('says UNKNOWN where its parts are not beside it', () => {
    const { host } = checkHost({});
    copyFileSync(`src/layers/checks/scripts/${script}`, host.path(script));
    const { status, stdout } = spawnSync(host.path(script), { env: { PATH: host.path('bin') }, encoding: 'utf8' });

    expect(stdout).toMatch(/^[A-Z0-9_]+ UNKNOWN - plugin\.sh could not be read\n$/);
    expect(status).toBe(3);
  });
});
