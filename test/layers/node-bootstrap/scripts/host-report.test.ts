/** Runs host-report.sh for real, on a host that is made of files and stubs. A real systemd and real programs: test/host. */
import { describe, expect, test } from 'vitest';
import { NOTHING } from '../../../../src/host/host-state.js';
import { payloadOf } from '../../../../src/layers/node-bootstrap/payload.js';
import type { HostReport } from '../../../../src/ops/check/host-report.js';
import { parseHostReport } from '../../../../src/ops/check/parse-host-report.js';
import { fakeHost } from '../../../support/fake-host.js';
import { groupWith } from '../fake-host.js';
import { BOOT_ID, hostWith, type Options, SETTINGS, UPTIME } from '../report-host.js';

const IP = '10.43.0.1';
const PORTAL = { REPORT_CLUSTER_IP: IP, REPORT_CLUSTER_PORT: '443' };

function run(options: Options, host = hostWith(options)) {
  return host.run(host.path('bin/bash'), { REPORT_ROOT: host.path('root'), ...options.environment }, [
    host.path('payload/host-report.sh'),
  ]);
}

/** As `selfheal check` reads it: a form that it would refuse fails here. */
function reportOf(options: Options = {}): HostReport {
  const { status, stdout, stderr } = run(options);
  expect({ status, stderr, lines: stdout.split('\n').length }).toEqual({ status: 0, stderr: '', lines: 2 });
  const report = parseHostReport(stdout);
  if (typeof report === 'string') throw new Error(`${report}: ${stdout}`);
  return report;
}

test('tells nothing of what no program can tell it, and ends well', () => {
  const now = Math.floor(Date.now() / 1000);
  const { epochSeconds, ...report } = reportOf();

  expect(report).toEqual({
    report: 1,
    node: 'attic',
    bootId: BOOT_ID,
    uptimeSeconds: UPTIME,
    clockSynchronized: null,
    clusterIpRules: null,
    calicoBeforeBoot: null,
    sandboxNamesReserved: null,
    datastore: null,
    watchdog: null,
    disks: null,
    rebootRequired: false,
    pending: [],
    runningKernel: '6.8.0-31-generic',
    newestKernel: null,
    certificates: null,
  });
  expect(Math.abs((epochSeconds ?? 0) - now)).toBeLessThan(60);
});

test('without its settings and without /proc there is still a report, and it says nothing', () => {
  const host = fakeHost(['timeout'], {});
  for (const [key, content] of payloadOf(groupWith('grub'), NOTHING)) host.write(`payload/${key}`, content);
  const { status, stdout } = run({}, host);

  expect(status).toBe(0);
  expect(parseHostReport(stdout)).toMatchObject({
    node: null,
    bootId: null,
    uptimeSeconds: null,
    rebootRequired: null,
    pending: null,
    runningKernel: null,
    disks: null,
  });
});

test('refuses to run without its parts, and with a window that is none', () => {
  const host = fakeHost([], {});
  host.write('alone/host-report.sh', payloadOf(groupWith('grub'), NOTHING).get('host-report.sh') ?? '');
  const alone = host.run(host.path('bin/bash'), {}, [host.path('alone/host-report.sh')]);
  const bad = run({ environment: { REPORT_LOG_SECONDS: '10m' } });

  expect(alone.status).toBe(2);
  expect(alone.stderr).toContain('expected nat-rules.sh there');
  expect({ status: bad.status, stdout: bad.stdout }).toEqual({ status: 1, stdout: '' });
  expect(bad.stderr).toBe("host-report: REPORT_LOG_SECONDS: expected seconds, got '10m'\n");
});

test('a host name and a kernel that would need an escape are none', () => {
  const { node, runningKernel } = reportOf({
    files: { '/proc/sys/kernel/hostname': 'a"b\n', '/proc/sys/kernel/osrelease': '6.8\\x\n' },
  });

  expect([node, runningKernel]).toEqual([null, null]);
});

test.each([
  ['yes', true],
  ['no', false],
  ['', null],
])('the kernel answers %j for a clock that is kept: %j', (answer, expected) => {
  expect(reportOf({ stubs: { timedatectl: `echo '${answer}'` } }).clockSynchronized).toBe(expected);
});

describe('the rules of ClusterIPs', () => {
  const RULE = `-A KUBE-SERVICES -d ${IP}/32 -p tcp -m tcp --dport 443 -j KUBE-SVC-NPX46M4PTMTKRN6Y`;
  const saves = (...lines: readonly string[]) =>
    `printf '%s\\n' '*nat' ${lines.map((line) => `'${line}'`).join(' ')} COMMIT`;
  const WHOLE = saves(':KUBE-SERVICES - [0:0]', '-A PREROUTING -j KUBE-SERVICES', RULE);
  /** `reached`: what a connection comes about to. */
  const rules = (save: string | null, reached: readonly string[] = [], environment = PORTAL) => {
    const connection = `case " $* " in
${reached.map((address) => `*' exec 3<>/dev/tcp/${address}/'*) exit 0 ;;`).join('\n')}
*' exec 3<>/dev/tcp/'*) exit 124 ;; esac
while [[ $1 == -* || $1 =~ ^[0-9]+$ ]]; do shift; done
exec "$@"`;
    return reportOf({
      stubs: { timeout: connection, ...(save === null ? {} : { 'iptables-save': save }) },
      environment,
    }).clusterIpRules;
  };

  test('are present where they and the jump to them are', () => {
    expect(rules(WHOLE)).toBe('present');
  });

  test('are missing where kube-proxy has its chain without them', () => {
    expect(rules(saves(':KUBE-SERVICES - [0:0]', '-A PREROUTING -j KUBE-SERVICES'))).toBe('missing');
  });

  test('are missing where there are none at all and only the API server’s own address answers', () => {
    expect(rules(saves(), ['127.0.0.1'])).toBe('missing');
  });

  test('that cannot be read are present where a connection comes about, and missing where only the API’s own does', () => {
    for (const save of [saves(), null, 'exit 4']) {
      expect(rules(save, ['127.0.0.1', IP])).toBe('present');
      expect(rules(save, ['127.0.0.1'])).toBe('missing');
      expect(rules(save, [])).toBeNull();
    }
  });

  test.each([
    [0, 'present'],
    [2, 'missing'],
    [3, null],
  ])('that cannot be read are as root’s own check found them: %i is %s', (status, expected) => {
    const files = { '/run/selfheal/checks/check_k8s_nat_rules': `${UPTIME - 9} ${status}\nNAT_RULES - x\n` };
    const timeout = `case " $* " in *' exec 3<>/dev/tcp/'*) exit 124 ;; esac
while [[ $1 == -* || $1 =~ ^[0-9]+$ ]]; do shift; done
exec "$@"`;

    expect(reportOf({ stubs: { timeout }, files, environment: PORTAL }).clusterIpRules).toBe(expected);
  });

  test('cannot be told without an IPv4 address', () => {
    expect(rules(WHOLE, [], { ...PORTAL, REPORT_CLUSTER_IP: '' })).toBeNull();
    expect(rules(WHOLE, [], { ...PORTAL, REPORT_CLUSTER_IP: 'fd00::1' })).toBeNull();
    expect(rules(WHOLE, [], { ...PORTAL, REPORT_CLUSTER_IP: '1.2.3.4;id' })).toBeNull();
  });
});

describe('what the host’s own check says of calico-node', () => {
  const verdict = (text: string) =>
    reportOf({ files: { '/run/selfheal/checks/check_calico_node_restarts': text } }).calicoBeforeBoot;

  test.each([
    ['critical is before the boot', `${UPTIME - 30} 2\nCALICO CRITICAL - x\n`, true],
    ['OK is after it', `${UPTIME - 30} 0\nCALICO OK - x\n`, false],
    ['a warning says nothing of it', `${UPTIME - 30} 1\nCALICO WARNING - x\n`, null],
    ['unknown stays unknown', `${UPTIME - 30} 3\nCALICO UNKNOWN - x\n`, null],
    ['an old one is none', `${UPTIME - 241} 0\nCALICO OK - x\n`, null],
    ['one of the future is none', `${UPTIME + 1} 0\nCALICO OK - x\n`, null],
    ['what is no verdict is none', 'x y\n', null],
  ])('%s', (_, text, expected) => {
    expect(verdict(text)).toBe(expected);
  });
});

describe('logs', () => {
  const at = (seconds: number, text: string) => `[${`${seconds}`.padStart(6)}.123456] attic k3s[99]: ${text}`;
  const CANCELED = 'error in txn: context canceled';
  const LOCKED = 'database is locked';
  const reserved = (name: string) =>
    `err="rpc error: code = Unknown desc = failed to reserve sandbox name \\"${name}\\": name \\"${name}\\" is reserved for \\"5d1\\""`;
  const logs = (lines: readonly string[], stubs: Readonly<Record<string, string>> = {}, settings = SETTINGS) => {
    const host = hostWith({
      stubs: { systemctl: 'echo active', journalctl: `cat '$LOG'`, ...stubs },
      settings,
      files: { '/log': `${lines.join('\n')}\n` },
    });
    if (stubs.journalctl === undefined) host.stub('journalctl', `cat '${host.path('root/log')}'`);
    const outcome = run({}, host);
    const report = parseHostReport(outcome.stdout);
    if (typeof report === 'string') throw new Error(report);
    return { datastore: report.datastore, names: report.sandboxNamesReserved, calls: outcome.calls };
  };

  test('count what is within the window of this boot, and no more', () => {
    const { datastore, names } = logs([
      at(UPTIME - 601, CANCELED),
      at(UPTIME - 600, CANCELED),
      at(UPTIME - 5, LOCKED),
      at(UPTIME - 4, LOCKED),
      at(UPTIME, 'all is well'),
    ]);

    expect(datastore).toEqual({ locked: 2, canceled: 1 });
    expect(names).toBe(0);
  });

  test('count a name of a sandbox once, however often it was asked for, in both spellings', () => {
    const plain = 'failed to reserve sandbox name "c_ns_u_1": name "c_ns_u_1" is reserved for "77"';
    const { names } = logs([
      at(UPTIME - 9, reserved('a_ns_u_1')),
      at(UPTIME - 6, reserved('a_ns_u_1')),
      at(UPTIME - 3, reserved('b_ns_u_1')),
      at(UPTIME - 2, plain),
    ]);

    expect(names).toBe(3);
  });

  test('are read once where kubelet and datastore are one unit', () => {
    const { calls } = logs([at(UPTIME, 'x')]);

    expect(calls.filter((call) => call.startsWith('journalctl'))).toEqual([
      'journalctl -u k3s.service -b -n 5000 -o short-monotonic --no-pager',
    ]);
  });

  test('are read each where they are two, and one that cannot be read does not hide the other', () => {
    const settings = { ...SETTINGS, REPORT_DATASTORE_UNIT: 'dqlite.service' };
    const stubs = { systemctl: 'case $2 in k3s.service) echo failed; exit 3 ;; esac; echo active' };
    const { datastore, names } = logs([at(UPTIME, CANCELED)], stubs, settings);

    expect({ datastore, names }).toEqual({ datastore: { locked: 0, canceled: 1 }, names: null });
  });

  test('of a unit that does not run, or that may not be read, tell nothing', () => {
    const nothing = { datastore: null, names: null };

    expect(logs([], { systemctl: 'echo inactive; exit 3' })).toMatchObject(nothing);
    expect(logs([], { journalctl: 'exit 1' })).toMatchObject(nothing);
    expect(
      logs([], { journalctl: "echo 'No journal files were opened due to insufficient permissions.'" }),
    ).toMatchObject(nothing);
  });

  test('that reach back only over a part of the window prove no absence, but what they hold', () => {
    const full = Array.from({ length: 5000 }, () => at(UPTIME - 20, 'x'));

    expect(logs(full)).toMatchObject({ datastore: null, names: null });
    expect(logs([...full, at(UPTIME - 1, CANCELED)])).toMatchObject({
      datastore: { locked: 0, canceled: 1 },
      names: null,
    });
  });

  test('of a host that has no datastore are not asked for it', () => {
    const { REPORT_DATASTORE_UNIT: _, ...worker } = SETTINGS;

    expect(logs([at(UPTIME, CANCELED)], {}, worker as typeof SETTINGS)).toMatchObject({ datastore: null, names: 0 });
  });
});

describe('the watchdog', () => {
  const PROM = '/var/lib/node-exporter/textfile/selfheal_watchdog.prom';
  const LIFE = '/run/selfheal/watchdog/report';
  const power = (budget: number, held: number) =>
    `# TYPE x gauge\nselfheal_watchdog_budget_remaining ${budget}\nselfheal_watchdog_held ${held}\n`;
  const watchdog = (files: Readonly<Record<string, string>>) => reportOf({ files }).watchdog;

  test('tells its budget, whether it is held, and how long it has been silent', () => {
    expect(watchdog({ [LIFE]: `77 ${UPTIME - 42} 20 1\nledger good\n`, [PROM]: power(2, 1) })).toEqual({
      budgetLeft: 2,
      held: true,
      silentSeconds: 42,
    });
  });

  test('that left only metrics has given no sign of life in this boot', () => {
    expect(watchdog({ [PROM]: power(3, 0) })).toEqual({ budgetLeft: 3, held: false, silentSeconds: null });
  });

  test('that left only its report tells no budget', () => {
    expect(watchdog({ [LIFE]: `77 ${UPTIME} 20 1\n` })).toEqual({ budgetLeft: null, held: null, silentSeconds: 0 });
  });

  test('whose report makes no sense, or is of later than now, has given no sign of life', () => {
    expect(watchdog({ [LIFE]: 'x\n' })?.silentSeconds).toBeNull();
    expect(watchdog({ [LIFE]: `77 ${UPTIME + 1} 20 1\n` })?.silentSeconds).toBeNull();
    expect(watchdog({ [LIFE]: `77 ${UPTIME} 20 1\n`, [PROM]: power(3, 7) })?.held).toBeNull();
  });
});

describe('disks', () => {
  const stat = (...lines: readonly string[]) =>
    `for path; do :; done\nroot=\${path%/data}\nprintf '%s\\n' ${lines.join(' ')}`;
  const disks = (...lines: readonly string[]) =>
    reportOf({ stubs: { stat: stat(...lines) }, files: { '/data/x': '' } }).disks;

  test('tell the scarcer of space and inodes, and one file system once', () => {
    expect(disks('"a1 1000 200 100 90 $root"', '"a1 1000 200 100 90 $root/data"')).toEqual([
      { path: '/', freePercent: 20, readOnly: false },
    ]);
    expect(disks('"a1 1000 200 100 90 $root"', '"b2 1000 900 100 7 $root/data"')).toEqual([
      { path: '/', freePercent: 20, readOnly: false },
      { path: '/data', freePercent: 7, readOnly: false },
    ]);
  });

  test('take a file system without inodes of its own, and one without an id', () => {
    expect(disks('"0 1000 500 0 0 $root"', '"0 1000 400 0 0 $root/data"')).toEqual([
      { path: '/', freePercent: 50, readOnly: false },
      { path: '/data', freePercent: 40, readOnly: false },
    ]);
  });

  test.each([
    ['/dev/sda2 / ext4 rw 0 0\n', [false, false]],
    ['/dev/sda2 / ext4 ro,errors=remount-ro 0 0\n', [true, true]],
    ['/dev/sda2 / ext4 rw,errors=remount-ro 0 0\n', [false, false]],
    ['/dev/sda2 / ext4 rw 0 0\n/dev/sdb1 /data ext4 ro 0 0\n', [false, true]],
    ['/dev/sda2 / ext4 rw 0 0\n/dev/sdb1 /data ext4 rw 0 0\n/dev/sdc1 /data ext4 ro 0 0\n', [false, true]],
    ['/dev/sda2 / ext4 rw 0 0\n/dev/sdb1 /da ext4 ro 0 0\n', [false, false]],
    ['', [null, null]],
  ])('are read-only as the kernel says of what is mounted there: %j', (mounts, expected) => {
    const lines = ['"a1 1000 200 100 90 $root"', '"b2 1000 900 100 90 $root/data"'];
    const files = { '/data/x': '', '/proc/self/mounts': mounts };

    expect(reportOf({ stubs: { stat: stat(...lines) }, files }).disks?.map(({ readOnly }) => readOnly)).toEqual(
      expected,
    );
  });

  test('without a size have no share of it', () => {
    expect(disks('"a1 0 0 0 0 $root"')).toEqual([{ path: '/', freePercent: null, readOnly: false }]);
  });

  test('are not asked for where a path is not there, and cannot be told where nothing answers', () => {
    const host = hostWith({ stubs: { stat: 'exit 1' }, files: { '/data/x': '' } });
    const { stdout, calls } = run({}, host);

    expect(calls.filter((call) => call.startsWith('stat'))).toEqual([
      `stat -f -c %i %b %a %c %d %n -- ${host.path('root')}/ ${host.path('root')}/data`,
    ]);
    expect(parseHostReport(stdout)).toMatchObject({ disks: null });
  });

  test('are real ones with the real program', () => {
    const all = reportOf({ real: ['stat'] }).disks ?? [];

    expect(all.map(({ path }) => path)).toEqual(['/']);
    expect(all[0]?.freePercent).toBeGreaterThanOrEqual(0);
    expect(all[0]?.freePercent).toBeLessThanOrEqual(100);
  });
});

describe('a reboot', () => {
  const modules = (...kernels: readonly string[]) =>
    Object.fromEntries(kernels.map((kernel) => [`/lib/modules/${kernel}/modules.dep`, '']));
  const kernel = (running: string, ...installed: readonly string[]) => {
    const { newestKernel, pending } = reportOf({
      files: { '/proc/sys/kernel/osrelease': `${running}\n`, ...modules(running, ...installed) },
    });
    return { newestKernel, pending };
  };

  test('is asked for by the distribution', () => {
    const { rebootRequired, pending } = reportOf({
      files: { '/run/reboot-required': '*** System restart required ***\n' },
    });

    expect({ rebootRequired, pending }).toEqual({ rebootRequired: true, pending: ['reboot-required'] });
  });

  test('waits for arguments that the running kernel was started without', () => {
    const lacking = reportOf({ kernelArguments: ['quiet', 'rcupdate.rcu_normal=1'] });
    const started = reportOf({ kernelArguments: ['quiet'] });

    expect(lacking.pending).toEqual(['kernel-arguments']);
    expect(started.pending).toEqual([]);
  });

  test('that waits for arguments cannot be told without a command line or a plan that is whole', () => {
    const host = hostWith({ kernelArguments: ['quiet'] });
    host.write('payload/plan', 'selfheal-plan 1\nboot-loader grub\n');
    const host2 = hostWith({ kernelArguments: ['quiet'], files: { '/run/reboot-required': '' } });
    host2.write('payload/plan', '');

    expect(parseHostReport(run({}, host).stdout)).toMatchObject({ pending: null, rebootRequired: false });
    expect(parseHostReport(run({}, host2).stdout)).toMatchObject({ pending: ['reboot-required'] });
  });

  test.each([
    ['whose name says no flavour', { files: { '/proc/sys/kernel/osrelease': 'custom\n', ...modules('custom') } }],
    ['that nobody can compare', { files: modules('6.8.0-31-generic'), stubs: { sort: 'exit 1' } }],
  ])('for a kernel %s cannot be told, unless another reason is known', (_, options) => {
    const asked = { ...options, files: { ...options.files, '/run/reboot-required': '' } };

    expect(reportOf(options)).toMatchObject({ pending: null, newestKernel: null });
    expect(reportOf(asked)).toMatchObject({ pending: ['reboot-required'], newestKernel: null });
  });

  test.each([
    ['5.4.0-229-generic', '5.4.0-231-generic'],
    ['5.4.0-99-generic', '5.4.0-231-generic'],
    ['6.6.31+rpt-rpi-v8', '6.12.34+rpt-rpi-v8'],
    ['6.1.0-rpi7-rpi-v8', '6.1.0-rpi8-rpi-v8'],
    ['6.1.21-v8+', '6.1.77-v8+'],
    ['6.12.41+deb13-amd64', '6.12.43+deb13-amd64'],
    ['6.8.0-1013-raspi', '6.8.0-1040-raspi'],
  ])('waits where %s runs and %s is installed', (running, newer) => {
    expect(kernel(running, newer)).toEqual({ newestKernel: newer, pending: ['kernel'] });
  });

  test.each([
    ['6.6.31+rpt-rpi-v8', '6.6.31+rpt-rpi-2712'],
    ['6.6.31+rpt-rpi-v8', '6.12.34+rpt-rpi-2712'],
    ['6.8.0-31-generic', '6.14.0-1-lowlatency'],
    ['6.1.21-v8+', '6.1.77-v7l+'],
    ['5.4.0-231-generic', '5.4.0-99-generic'],
    ['6.8.0-31-generic', '6.8.0-31-generic'],
  ])('does not wait where %s runs and %s is installed', (running, other) => {
    expect(kernel(running, other)).toEqual({ newestKernel: running, pending: [] });
  });

  test('does not wait for a kernel that was removed, nor for one without its image where the running one has one', () => {
    const removed = reportOf({ files: { ...modules('6.8.0-31-generic'), '/lib/modules/6.9.0-1-generic/x': '' } });
    const imageless = reportOf({
      files: { ...modules('6.8.0-31-generic', '6.9.0-1-generic'), '/boot/vmlinuz-6.8.0-31-generic': '' },
    });

    expect(removed.pending).toEqual([]);
    expect(imageless.pending).toEqual([]);
  });

  test('waits for the kernel that took the place of the running one', () => {
    const { newestKernel, pending } = reportOf({ files: modules('6.8.0-40-generic') });

    expect({ newestKernel, pending }).toEqual({ newestKernel: '6.8.0-40-generic', pending: ['kernel'] });
  });
});

describe('certificates', () => {
  /** The file holds what openssl would say of it. */
  const openssl = 'for file; do :; done\n[[ $(cat "$file") == notAfter=* ]] && cat "$file"';
  const inDays = (days: number) => {
    const [, day, month, year, time] = new Date(Date.now() + days * 86_400_000).toUTCString().split(' ');
    return `notAfter=${month} ${day} ${time} ${year} GMT\n`;
  };
  const ends = (files: Readonly<Record<string, string>>) => reportOf({ stubs: { openssl }, files }).certificates;

  test('tell of each folder the one that ends first', () => {
    const files = {
      '/tls/a.crt': inDays(300.5),
      '/tls/b.crt': inDays(12.5),
      '/tls/c.crt': inDays(40.5),
      '/tls/k.key': '',
    };

    expect(ends(files)).toEqual([{ path: '/tls/b.crt', daysLeft: 12 }]);
  });

  test('that have ended have fewer days than none, that end today have none', () => {
    expect(ends({ '/tls/a.crt': inDays(-0.5) })).toEqual([{ path: '/tls/a.crt', daysLeft: -1 }]);
    expect(ends({ '/tls/a.crt': inDays(-1.5) })).toEqual([{ path: '/tls/a.crt', daysLeft: -2 }]);
    expect(ends({ '/tls/a.crt': inDays(0.5) })).toEqual([{ path: '/tls/a.crt', daysLeft: 0 }]);
  });

  test('that cannot be read are named, whatever the others say', () => {
    expect(ends({ '/tls/a.crt': inDays(300), '/tls/b.crt': 'torn' })).toEqual([{ path: '/tls/b.crt', daysLeft: null }]);
  });

  test('cannot be read without openssl', () => {
    expect(reportOf({ files: { '/tls/a.crt': inDays(300) } }).certificates).toEqual([
      { path: '/tls/a.crt', daysLeft: null },
    ]);
  });
});

test('settings of the environment come before those of the file, and nothing in the file is run', () => {
  const host = hostWith({
    settings: { ...SETTINGS, REPORT_DISKS: '"/ $(touch /tmp/never) `id`"', REPORT_KUBELET_UNIT: 'evil; id' },
    stubs: { systemctl: 'echo active', journalctl: 'exit 0', stat: 'exit 1' },
  });
  const { status, calls } = run({ environment: { REPORT_DATASTORE_UNIT: 'other.service' } }, host);

  expect(status).toBe(0);
  expect(calls).toContain('systemctl is-active other.service');
  expect(calls.filter((call) => call.startsWith('systemctl'))).toEqual(['systemctl is-active other.service']);
  expect(calls.filter((call) => call.startsWith('stat'))).toEqual([
    `stat -f -c %i %b %a %c %d %n -- ${host.path('root')}/`,
  ]);
});
