/** What the checks that look at their host make of it. Real rules and a real connection are in test/host. */
import { describe, expect, test } from 'vitest';
import { ago, checkHost, kubectl } from './plug-in.js';

const CLUSTER_IP = '127.10.152.1';
const RULE = `-A KUBE-SERVICES -d ${CLUSTER_IP}/32 -p tcp -m comment --comment "default/kubernetes:https cluster IP" -m tcp --dport 9 -j KUBE-SVC-NPX46M4PTMTKRN6Y`;
const JUMP = '-A PREROUTING -m comment --comment "kubernetes service portals" -j KUBE-SERVICES';
const CHAIN = ':KUBE-SERVICES - [0:0]';

describe('check_k8s_nat_rules', () => {
  const nat = (connects: boolean, stubs: Readonly<Record<string, string>>, ipvs?: string) => {
    const { host, run } = checkHost({
      kubectl: kubectl({ 'get services': [`${CLUSTER_IP} 9 `] }),
      // Whether a connection comes about is decided here; which one is asked for is seen in the calls.
      timeout: `case " $* " in *' exec 3<>/dev/tcp/'*) exit ${connects ? 0 : 124} ;; esac
while [[ $1 == -* || $1 =~ ^[0-9]+$ ]]; do shift; done
exec "$@"`,
      ...stubs,
    });
    if (ipvs !== undefined) host.write('proc/net/ip_vs', ipvs);
    const { status, stdout } = run('check_k8s_nat_rules.sh');
    expect(host.read('calls')).toContain(`exec 3<>/dev/tcp/${CLUSTER_IP}/9`);
    return `${status} ${stdout}`;
  };
  const saves = (...lines: readonly string[]) =>
    `printf '%s\\n' '*nat' ${lines.map((line) => `'${line}'`).join(' ')} COMMIT`;

  test('is well with a rule, the jump to it and a connection', () => {
    expect(nat(true, { 'iptables-save': saves(CHAIN, JUMP, RULE) })).toBe(
      `0 NAT_RULES OK - ${CLUSTER_IP}:9 answers, iptables has its rules | connects=1;;;0 rules=1;;;0\n`,
    );
  });

  test('finds them in whichever iptables the host keeps them', () => {
    const stubs = { 'iptables-save': saves(), 'iptables-legacy-save': saves(CHAIN, JUMP, RULE) };

    expect(nat(true, stubs)).toMatch(/^0 /);
  });

  test('is critical without a connection, whatever the rules', () => {
    expect(nat(false, { 'iptables-save': saves(CHAIN, JUMP, RULE) })).toMatch(
      /^2 .*no connection to .*iptables has its/,
    );
    expect(nat(false, { 'iptables-save': saves() })).toMatch(/^2 .*has no chain KUBE-SERVICES/);
    expect(nat(false, { 'iptables-save': 'exit 4' })).toMatch(/^2 .*could not be read: no root/);
  });

  test('is well where one API server of several is down, which a rule picks now and then', () => {
    const third = `[[ $(<"\${0%/*}/../calls") != *'<>/dev/tcp/'*'<>/dev/tcp/'*'<>/dev/tcp/'* ]] || exit 0
case " $* " in *' exec 3<>/dev/tcp/'*) exit 124 ;; esac
while [[ $1 == -* || $1 =~ ^[0-9]+$ ]]; do shift; done
exec "$@"`;

    expect(nat(false, { timeout: third, 'iptables-save': saves(CHAIN, JUMP, RULE) })).toMatch(/^0 /);
  });

  test.each([
    [
      'the rule of kubernetes',
      [CHAIN, JUMP, RULE.replace(CLUSTER_IP, '127.10.152.10')],
      /lacks the rule of kubernetes/,
    ],
    ['the jump', [CHAIN, RULE], /lacks the jump to KUBE-SERVICES/],
    ['more than a mark', [CHAIN, JUMP, RULE.replace(/-j .*/, '-j KUBE-MARK-MASQ')], /lacks the rule/],
  ])('is critical where kube-proxy has its chain without %s', (_, lines, why) => {
    const answer = nat(true, { 'iptables-save': saves(...lines) });

    expect(answer).toMatch(/^2 /);
    expect(answer).toMatch(why);
  });

  test('cannot tell without root, without iptables, or with rules of a kind that it cannot read', () => {
    expect(nat(true, { 'iptables-save': 'exit 4' })).toMatch(/^3 .*answers, but the rules could not be read/);
    expect(nat(true, { 'iptables-save': saves() })).toMatch(/^3 .*no other kind of rules was found/);
  });

  test('knows the modes nftables and IPVS of kube-proxy', () => {
    const map = (address: string) =>
      `printf 'map service-ips { elements = { ${address} . tcp . 9 : goto service-X } }\\n'`;

    expect(nat(true, { nft: map(CLUSTER_IP) })).toMatch(/^0 .*nftables has its rules/);
    expect(nat(true, { nft: map('127.10.152.2') })).toMatch(/^2 .*without kubernetes in it/);
    expect(nat(true, {}, 'Prot LocalAddress\nTCP  7F0A9801:0009 rr\n')).toMatch(/^0 .*IPVS has its rules/);
    expect(nat(true, {}, 'Prot LocalAddress\nTCP  7F0A9802:0009 rr\n')).toMatch(/^3 /);
  });
});

describe('check_calico_node_restarts', () => {
  const OLD = '2026-06-01T00:00:00Z';
  const BOOTED = Date.parse('2026-06-04T20:00:00Z') / 1000;
  const calico = ({
    uptime = 1_000,
    boot = 'b2',
    host = 'K8S02.lan',
    started = ago(60),
    restarts = 4,
    memory = '',
    second = '',
  } = {}) => {
    const made = checkHost({
      kubectl: kubectl({ 'get pods': [`u1 ${restarts} ${started}`, ...(second ? [second] : [])] }),
    });
    made.host.write('proc/uptime', `${uptime}.00 1.0\n`);
    made.host.write('proc/sys/kernel/hostname', `${host}\n`);
    made.host.write('proc/sys/kernel/random/boot_id', `${boot}\n`);
    made.host.write('proc/stat', `cpu 1\nbtime ${BOOTED}\n`);
    if (memory !== '') made.host.write('state/calico-restarts', memory);
    const { status, stdout } = made.run('check_calico_node_restarts.sh');
    return {
      answer: `${status} ${stdout}`,
      remembered: made.host.has('state/calico-restarts') ? made.host.read('state/calico-restarts') : '',
    };
  };

  test('is well where it was started with the boot, long ago', () => {
    expect(calico({ uptime: 90_000 }).answer).toMatch(/^0 CALICO OK - calico-node on k8s02 was started after the boot/);
  });

  test('is critical where its start is the one that the boot before knew, whatever the clock says', () => {
    const started = ago(60);

    expect(calico({ started: `${started} -`, memory: `b1 900 u1 4 ${started}\n` }).answer).toMatch(
      /^2 .*its start has not/,
    );
    expect(calico({ started: `${OLD} -`, memory: `b1 900 u1 4 ${started}\n` }).answer).toMatch(/^0 .*after the boot/);
  });

  test('does not believe a start before the boot where nothing is remembered: the clock may have been set', () => {
    expect(calico({ uptime: 90_000, started: `${OLD} -` }).answer).toMatch(/^3 .*before the boot by the clock/);
  });

  test('warns of more than two restarts after a boot, counted from what the boot before left', () => {
    expect(calico({ memory: `b1 80000 u1 1 ${OLD}\nb1 80060 u1 2 ${OLD}\n` }).answer).toMatch(
      /^0 .*2 restarts within 30 min/,
    );
    expect(calico({ memory: `b1 80000 u1 2 ${OLD}\nb1 80060 u1 1 ${OLD}\n` }).answer).toMatch(
      /^1 CALICO WARNING - 3 restarts/,
    );
  });

  test('does not mind what lies outside the window, or an old boot', () => {
    const memory = `b1 9 u1 0 ${OLD}\nb2 1199 u1 0 x\nb2 1200 u1 3 x\n`;

    expect(calico({ uptime: 3_000, memory }).answer).toMatch(/^0 .*1 restarts/);
    expect(calico({ uptime: 3_600, memory: `b2 1900 u1 0 x\n` }).answer).toMatch(/^0 CALICO OK/);
  });

  test('remembers only what it will ask for', () => {
    const memory = `b0 8 u1 0 y\nb1 9 u1 1 x\nb2 1199 u1 0 x\nb2 1200 u1 3 x\nb2 1300 u0 3 x\nb2 9999 u1 0 x\ngarbage\n`;

    expect(calico({ uptime: 3_000, memory }).remembered).toBe(`b1 9 u1 1 x\nb2 1200 u1 3 x\nb2 3000 u1 4 ${ago(60)}\n`);
  });

  test('cannot tell at its first look after a boot', () => {
    expect(calico().answer).toMatch(/^3 CALICO UNKNOWN - its restarts are counted from now on/);
  });

  test('cannot tell which of two pods is the one', () => {
    expect(calico({ second: `u2 0 ${ago(60)} -` }).answer).toMatch(
      /^3 .*expected one pod of calico-node on k8s02, got 2/,
    );
  });

  test('cannot tell for a host that is none of the nodes', () => {
    expect(calico({ host: 'other' }).answer).toMatch(/^3 .*host 'other': expected one of the nodes 'k8s01 k8s02'/);
  });

  test('warns of one that does not run', () => {
    expect(calico({ started: '- CrashLoopBackOff', memory: 'b2 900 u1 4 x\n' }).answer).toMatch(
      /^1 .*does not run: CrashLoopBackOff/,
    );
  });
});

describe('check_dqlite_locks', () => {
  const locks = (lines: readonly string[], { systemctl = 'printf active', journalctl = '' } = {}) => {
    const log = lines.map((line) => `'${line}'`).join(' ');
    const { host, run } = checkHost({
      systemctl,
      journalctl: journalctl || `printf '%s\\n' ${log || "'-- No entries --'"}`,
    });
    const { status, stdout } = run('check_dqlite_locks.sh');
    return { answer: `${status} ${stdout}`, calls: host.read('calls') };
  };
  const line = (at: number, text: string) => `[  ${at}.123456] k8s02 k8s-dqlite[77]: ${text}`;
  const errors = (count: number, at: number) =>
    Array.from({ length: count }, () => line(at, 'error: context canceled'));

  test('does not mind ten errors in ten minutes, and minds eleven', () => {
    expect(locks(errors(10, 400)).answer).toMatch(/^0 DATASTORE OK - 0 times "database is locked" and 10 times/);
    expect(locks([...errors(10, 400), line(999, 'Database is locked: database is locked')]).answer).toMatch(
      /^1 DATASTORE WARNING - .* locked=1;;;0 canceled=10;;;0 errors=11;10;;0/,
    );
  });

  test('forgets what is older', () => {
    expect(locks(errors(50, 399)).answer).toMatch(/^0 /);
  });

  test('takes an active unit without a line for a quiet one, and asks for this boot alone', () => {
    const { answer, calls } = locks([]);

    expect(answer).toMatch(/^0 /);
    expect(calls).toContain('journalctl -u dqlite.service -b -n 5000 -o short-monotonic --no-pager');
  });

  test.each([
    ['the unit does not run', { systemctl: 'printf inactive; exit 3' }, /not active but 'inactive'/],
    [
      'the log may not be read',
      { journalctl: "printf 'No journal files were opened due to insufficient permissions.\\n'; exit 1" },
      /could not be read \(status 1\)/,
    ],
    [
      'only its own messages are seen',
      { journalctl: "printf 'Hint: You are currently not seeing messages from other users and the system.\\n'" },
      /may only be read by root/,
    ],
    [
      'the log is so full that it does not reach back',
      { journalctl: `for i in {1..5000}; do printf '[  900.1] a b: c\\n'; done` },
      /reach back only 100 s/,
    ],
  ])('cannot tell where %s', (_, stubs, why) => {
    const { answer } = locks([], stubs);

    expect(answer).toMatch(/^3 DATASTORE UNKNOWN - /);
    expect(answer).toMatch(why);
  });
});

describe('check_rcu_watchdog', () => {
  const watchdog = (
    report: string | null,
    metrics: string | null = 'selfheal_watchdog_budget_remaining 3\nselfheal_watchdog_held 0\n',
    uptime = 1_000,
  ) => {
    const { host, run } = checkHost({});
    host.write('proc/uptime', `${uptime}.00 1.0\n`);
    if (report !== null) host.write('watchdog/report', `${report}\nledger x\n`);
    if (metrics !== null) host.write('textfile/selfheal_watchdog.prom', metrics);
    const { status, stdout } = run('check_rcu_watchdog.sh');
    return `${status} ${stdout}`;
  };

  test('is well five minutes after a tick, and warns a second later', () => {
    expect(watchdog('77 700 20 1')).toBe(
      '0 RCU_WATCHDOG OK - the watchdog looked 300 s ago; 3 reboots left | tick_age=300s;300;;0 budget=3;;;0\n',
    );
    expect(watchdog('77 699 20 1')).toMatch(/^1 .*last sign of life is 301 s old/);
  });

  test('warns of one that is blind, or was never there', () => {
    expect(watchdog('77 999 20 0')).toMatch(/^1 .*cannot read the kernel log/);
    expect(watchdog(null)).toMatch(/^1 .*it does not run/);
  });

  test('gives it the time of five ticks after a boot', () => {
    expect(watchdog(null, null, 300)).toMatch(/^3 .*no report in .* yet: the host is up for 300 s only/);
    expect(watchdog(null, null, 301)).toMatch(/^1 .*it does not run/);
  });

  test('is critical where it may not act any more', () => {
    expect(watchdog('77 999 20 1', 'selfheal_watchdog_budget_remaining 0\nselfheal_watchdog_held 0\n')).toMatch(
      /^2 .*used up its reboots/,
    );
    expect(watchdog('77 999 20 1', 'selfheal_watchdog_budget_remaining 3\nselfheal_watchdog_held 1\n')).toMatch(
      /^2 .*is held back/,
    );
  });

  test('cannot tell without its metrics, or by a report of a later time', () => {
    expect(watchdog('77 999 20 1', null)).toMatch(/^3 .*expected its budget/);
    expect(watchdog('77 1001 20 1')).toMatch(/^3 .*expected a report/);
    expect(watchdog('nonsense')).toMatch(/^3 .*expected a report/);
  });
});
