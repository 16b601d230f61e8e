/** What the checks that ask the API server make of its answers. */
import { describe, expect, test } from 'vitest';
import { type Answer, ago, checkHost, kubectl, NOW, rows, SETTINGS } from './plug-in.js';

const told = (script: string, answers: Readonly<Record<string, Answer>>, ...args: readonly string[]) => {
  const { status, stdout, stderr } = checkHost({ kubectl: kubectl(answers), sleep: '' }).run(script, ...args);

  expect(stderr).toBe('');
  return `${status} ${stdout}`;
};

const NODES = ['k8s01 True', 'k8s02 True', 'k8s03 False'];

describe('check_k8s_scheduler_stall', () => {
  const stall = (pods: readonly string[], ...args: readonly string[]) =>
    told('check_k8s_scheduler_stall.sh', { 'get pods': pods }, ...args);

  test('is well where nothing waits', () => {
    expect(stall([])).toBe(
      '0 K8S_SCHEDULER OK - 0 pods pending for more than 5 min that nobody looked at (0 wait for a node) | untouched=0;;0;0 pending=0;;;0 oldest=0s;;;0\n',
    );
  });

  test('does not mind pods that were looked at and refused, however long ago', () => {
    expect(stall([`shop/a ${ago(90_000)} ,PodScheduled, ,`])).toMatch(/^0 .*\(1 wait for a node\) \| untouched=0;/);
  });

  test('does not mind a pod that waits for five minutes, and minds one that waits for a second more', () => {
    expect(stall([`shop/a ${ago(300)} , ,`])).toMatch(/^0 /);
    expect(stall([`shop/a ${ago(301)} , ,`])).toMatch(/^2 .* 1 pods pending/);
  });

  test('tells the 46 pods of June, and one of those that wait longest', () => {
    const pods = Array.from({ length: 46 }, (_, index) => `shop/p${index} ${ago(15_000 + ((index * 7) % 46))} , ,`);

    expect(stall([...pods, `shop/new ${ago(5)} , ,`])).toBe(
      '2 K8S_SCHEDULER CRITICAL - 46 pods pending for more than 5 min that nobody looked at, e.g. shop/p13 (47 wait for a node) | untouched=46;;0;0 pending=47;;;0 oldest=15045s;;;0\n',
    );
  });

  test('cannot tell by a pod of which half is missing', () => {
    for (const half of ['', ' ,', ' , data,', ' - ,'])
      expect(stall([`shop/a ${ago(15_000)}${half}`]), half).toMatch(/^3 .*a line that is none: 'shop\/a /);
  });

  describe('with a pod that has a claim', () => {
    const asked = (pods: readonly string[], claims: Answer) =>
      told('check_k8s_scheduler_stall.sh', { 'get pods': pods, 'get persistentvolumeclaims': claims });
    const waiting = (seconds: number) => `shop/db-0 ${ago(seconds)} , ,scratch,data,`;

    test('does not mind while a volume is made on the node that was chosen', () => {
      expect(asked([waiting(900)], ['shop/other', 'shop/data'])).toMatch(/^0 .*\(1 wait for a node\) \| untouched=0;/);
    });

    test.each([
      ['none is made', []],
      ['one is made for another pod, and one in another namespace', ['shop/data-2', 'web-shop/data', 'web/data']],
    ])('minds where %s', (_, claims) => {
      expect(asked([waiting(301)], claims)).toMatch(/^2 .*e\.g\. shop\/db-0 .*untouched=1;.*oldest=301s/);
    });

    test('minds after fifteen minutes, whatever is made', () => {
      expect(asked([waiting(901)], ['shop/data'])).toMatch(/^2 .*untouched=1;.*oldest=901s/);
    });

    test('is critical, not unknown, where a pod without one shows the stall and claims cannot be read', () => {
      expect(asked([waiting(301), `shop/a ${ago(400)} , ,`], 'exit 1')).toMatch(/^2 .*e\.g\. shop\/a .*untouched=2;/);
    });

    test('cannot tell where claims cannot be read', () => {
      expect(asked([waiting(301)], 'exit 1')).toMatch(/^3 .*kubectl get persistentvolumeclaims failed/);
    });
  });

  test('takes other ranges', () => {
    const pods = [`shop/a ${ago(400)} , ,`, `shop/b ${ago(400)} , ,`];

    expect(stall(pods, '-w', '1', '-c', '2')).toMatch(/^1 K8S_SCHEDULER WARNING - .*untouched=2;1;2;0/);
    expect(stall(pods, '--warning=2', '--critical', '5')).toMatch(/^0 /);
  });

  test('cannot tell the age of what was made in the future: a clock is wrong', () => {
    expect(stall([`shop/a ${ago(-60)} , ,`])).toMatch(/^0 /);
    expect(stall([`shop/a ${ago(-61)} , ,`])).toMatch(/^3 .*61 s ahead of the API server's/);
  });

  test('understands the log of a kubectl of 2020', () => {
    const log = `printf '%s\\n' 'I0604 20:27:00.1 1 round_trippers.go:444] Response Headers:' 'I0604 20:27:00.1 1 round_trippers.go:447]     Date: Thu, 04 Jun 2026 20:27:00 GMT' >&2`;

    expect(stall([`shop/a ${ago(301)} , ,`])).toMatch(/^2 /);
    expect(told('check_k8s_scheduler_stall.sh', { 'get pods': rows([`shop/a ${ago(301)} , ,`], log) })).toMatch(
      /^2 .*oldest=301s/,
    );
  });

  test('asks for no more than pods without a node, with a time limit', () => {
    const { host, run } = checkHost({ kubectl: kubectl({ 'get pods': [] }) });

    run('check_k8s_scheduler_stall.sh', '-t', '7');

    expect(host.read('calls')).toMatch(
      /^kubectl --kubeconfig=\/etc\/x get pods -A --field-selector=spec\.nodeName=,status\.phase=Pending --v=8 --request-timeout=7s -o go-template=/,
    );
  });
});

describe('check_k8s_lease_holder', () => {
  const leases = (scheduler: string, pods: readonly string[] = [], nodes = NODES) =>
    told('check_k8s_lease_holder.sh', {
      'get leases.coordination.k8s.io': [`kube-controller-manager ${ago(2)} k8s01_a-b`, `kube-scheduler ${scheduler}`],
      'get pods': pods,
      'get nodes': nodes,
    });
  const waiting = [`shop/a ${ago(15_000)} , ,`];

  test('is well while both are renewed and nothing waits', () => {
    expect(leases(`${ago(300)} k8s02_a-b`)).toMatch(
      /^0 K8S_LEASES OK - kube-controller-manager renewed 2 s ago by k8s01; kube-scheduler renewed 5 min ago by k8s02 \| /,
    );
  });

  test('is critical one second after five minutes', () => {
    expect(leases(`${ago(301)} k8s02_a-b`)).toMatch(/^2 .*kube-scheduler not renewed for 5 min by k8s02 \|/);
  });

  test('takes a lease whose time changes for renewed, however far behind the clock of its holder is', () => {
    const answer = (at: string) => [`kube-controller-manager ${ago(2)} k8s01_a-b`, `kube-scheduler ${at} k8s02_a-b`];
    const { host, run } = checkHost({
      kubectl: kubectl({ 'get leases.coordination.k8s.io': answer(ago(3_600)), 'get pods': [] }),
      sleep: '',
    });
    host.stub('sleep', `mv '${host.path('bin/kubectl')}.later' '${host.path('bin/kubectl')}'`);
    host.stub('kubectl.later', kubectl({ 'get leases.coordination.k8s.io': answer(ago(3_585)), 'get pods': [] }));
    const { status, stdout } = run('check_k8s_lease_holder.sh');

    expect(stdout).toMatch(/^K8S_LEASES OK - .*kube-scheduler renewed 0 s ago by k8s02/);
    expect(status).toBe(0);
  });

  test('does not say of a node that it renews where it does not', () => {
    expect(leases(`${ago(400)} k8s02_a-b`, waiting)).not.toContain('holds and renews');
  });

  test('cannot tell by one lease of the two', () => {
    const answers = { 'get leases.coordination.k8s.io': [`kube-scheduler ${ago(1)} a_b`], 'get pods': [] };

    expect(told('check_k8s_lease_holder.sh', answers)).toMatch(/^3 .*expected two leases, got 1/);
  });

  test('is critical where nobody holds a lease', () => {
    expect(leases(`${ago(1)} -`)).toMatch(/^2 .*nobody holds the lease kube-scheduler/);
  });

  test('names the node that renews and does not schedule', () => {
    expect(leases(`${ago(5)} k8s02_a-b`, waiting)).toMatch(
      /^1 K8S_LEASES WARNING - k8s02 is Ready, holds and renews the scheduler's lease, and 1 pods wait/,
    );
  });

  test('does not blame a holder for a pod whose volume is being made', () => {
    const answer = told('check_k8s_lease_holder.sh', {
      'get leases.coordination.k8s.io': [`kube-controller-manager ${ago(2)} a_b`, `kube-scheduler ${ago(2)} k8s02_b`],
      'get pods': [`shop/db-0 ${ago(600)} , ,data,`],
      'get persistentvolumeclaims': ['shop/data'],
      'get nodes': NODES,
    });

    expect(answer).toMatch(/^0 .*untouched=0;/);
  });

  test('does not blame a holder that is not Ready', () => {
    expect(leases(`${ago(5)} k8s03_a-b`, waiting)).toMatch(/^0 .*untouched=1;/);
  });

  test('stays critical where what follows cannot be told', () => {
    const answer = told('check_k8s_lease_holder.sh', {
      'get leases.coordination.k8s.io': [`kube-controller-manager ${ago(500)} a_b`, `kube-scheduler ${ago(1)} a_b`],
      'get pods': 'exit 1',
    });

    expect(answer).toMatch(
      /^2 K8S_LEASES CRITICAL - kube-controller-manager not renewed for 8 min by a; kubectl get pods failed/,
    );
  });

  test('cannot tell by a lease that was renewed in the future', () => {
    expect(leases(`${ago(-300)} k8s02_a-b`)).toMatch(/^3 .*300 s ahead/);
  });
});

describe('check_coredns_replicas', () => {
  const dns = (available: string, pods: readonly string[], nodes = NODES) =>
    told('check_coredns_replicas.sh', { 'get deployments.apps': [available], 'get pods': pods, 'get nodes': nodes });

  test('is well with two on two nodes', () => {
    expect(dns('2', ['True k8s01', 'True k8s02'])).toBe(
      '0 COREDNS OK - 2 of 2 CoreDNS replicas available | available=2;2:;1:;0 nodes=2;;;0\n',
    );
  });

  test('warns of one, and is critical with none', () => {
    expect(dns('1', ['True k8s01', 'False k8s02'])).toMatch(/^1 COREDNS WARNING - 1 of 2/);
    expect(dns('0', [])).toMatch(/^2 COREDNS CRITICAL - 0 of 2/);
  });

  test('warns of two on one node, but not where only one node is Ready', () => {
    expect(dns('2', ['True k8s01', 'True k8s01'])).toMatch(/^1 .*all of them on k8s01, of 2 nodes that are Ready/);
    expect(dns('2', ['True k8s01', 'True k8s01'], ['k8s01 True', 'k8s02 Unknown'])).toMatch(/^0 /);
  });

  test('does not take a pod that is not ready for a replica on another node', () => {
    expect(dns('2', ['True k8s01', 'True k8s01', 'False k8s02'])).toMatch(/^1 .*all of them on k8s01/);
  });

  test('does not ask for a second node where one replica is described', () => {
    const answer = kubectl({ 'get deployments.apps': ['1'] });
    const { status, stdout } = checkHost({ kubectl: answer }, { ...SETTINGS, CHECKS_COREDNS_REPLICAS: '1' }).run(
      'check_coredns_replicas.sh',
    );

    expect(stdout).toMatch(/^COREDNS OK - 1 of 1 /);
    expect(status).toBe(0);
  });

  test('cannot tell by a cluster that has no nodes', () => {
    expect(dns('2', ['True k8s01', 'True k8s01'], [])).toMatch(/^3 .*the cluster reports no nodes/);
  });

  test('cannot tell where they are if no pod is known', () => {
    expect(dns('2', [])).toMatch(/^3 .*no ready pod has the label/);
  });
});

describe('check_sandbox_changed', () => {
  const events = (changed: readonly string[], failed: readonly string[] = []) =>
    told('check_sandbox_changed.sh', {
      '--field-selector=reason=SandboxChanged': changed,
      '--field-selector=reason=FailedCreatePodSandBox': failed,
    });

  test('does not mind five on each of two nodes, and minds six on one', () => {
    const five = (node: string) => [`5 ${ago(200)} ${ago(10)} ${node}`];

    expect(events(five('k8s01'), five('k8s02'))).toMatch(
      /^0 SANDBOXES OK - 10 sandbox events in 5 min, at most 5 on one/,
    );
    expect(events(five('k8s02'), [...five('k8s01'), `1 ${ago(9)} ${ago(9)} k8s02`])).toMatch(
      /^1 SANDBOXES WARNING - 6 sandbox events on k8s02 in 5 min, 11 in all \| worst_node=6;5;;0/,
    );
  });

  test('forgets what ended before the window, and takes its share of what goes on since long', () => {
    expect(events([`900 ${ago(9_000)} ${ago(300)} k8s02`])).toMatch(/^0 .*- 0 sandbox events/);
    // 3600 s with one each 12 s: 25 of them in five minutes.
    expect(events([`301 ${ago(3_600)} ${ago(0)} k8s02`])).toMatch(/^1 .* 26 sandbox events on k8s02/);
    expect(events([`2 ${ago(600)} ${ago(0)} k8s02`])).toMatch(/^0 .*- 1 sandbox events/);
  });
});

test('check_sandbox_changed cannot tell by an event without a number', () => {
  const answers = {
    '--field-selector=reason=SandboxChanged': [`x ${ago(9)} ${ago(9)} k8s02`],
    '--field-selector=reason=FailedCreatePodSandBox': [],
  };

  expect(told('check_sandbox_changed.sh', answers)).toMatch(/^3 .*event of k8s02: expected a number, got 'x'/);
});

describe('check_jiva_quorum', () => {
  const jiva = (sets: readonly string[]) => told('check_jiva_quorum.sh', { 'get statefulsets.apps': sets });

  test('is well with three of each', () => {
    expect(jiva(['pvc-a-jiva-rep 3', 'pvc-b-rep 3', 'other 0'])).toMatch(/^0 JIVA OK - 2 volumes, each with 3 of 3/);
  });

  test('warns of two, and is critical with one', () => {
    expect(jiva(['pvc-a-jiva-rep 3', 'pvc-b-jiva-rep 2'])).toMatch(
      /^1 JIVA WARNING - pvc-b-jiva-rep has 2 of 3 .*, 1 of 2 volumes lack one \| fewest=2;3:;2:;0 volumes=2;;;0 short=1;/,
    );
    expect(jiva(['pvc-a-jiva-rep 1', 'pvc-b-jiva-rep 2'])).toMatch(
      /^2 JIVA CRITICAL - pvc-a-jiva-rep has 1 of 3 replicas ready \(2 are needed\), 2 of 2 volumes lack one/,
    );
  });
});

describe('check_backup_age', () => {
  const backup = (cronJob: string, jobs: readonly string[] = [], metrics?: string, ...args: readonly string[]) => {
    const { host, run } = checkHost({ kubectl: kubectl({ 'get jobs.batch': jobs, 'get cronjobs.batch': [cronJob] }) });
    if (metrics !== undefined) host.write('textfile/selfheal_backup_local_path_backup.prom', metrics);
    const { status, stdout } = run('check_backup_age.sh', ...args);
    return `${status} ${stdout}`;
  };
  const created = ago(999_999);

  test('is well after 26 hours, and critical a second later', () => {
    expect(backup(`${created} ${ago(93_600)}`)).toMatch(/^0 BACKUP OK - local-path-backup succeeded 26 h ago/);
    expect(backup(`${created} ${ago(93_601)}`)).toMatch(/^2 BACKUP CRITICAL - .*=93601s;;93600;0/);
  });

  test('takes other ranges', () => {
    expect(backup(`${created} ${ago(3_601)}`, [], undefined, '-w', '3600')).toMatch(/^1 .*=3601s;3600;93600;0/);
    expect(backup(`${created} ${ago(3_601)}`, [], undefined, '-c', '3600')).toMatch(/^2 /);
  });

  test('takes the newest Job where the CronJob has no such field yet', () => {
    const jobs = [`local-path-backup ${ago(200_000)}`, `local-path-backup ${ago(60)}`, `other ${ago(1)}`];

    expect(backup(`${created} -`, jobs)).toMatch(/^0 BACKUP OK - local-path-backup succeeded 60 s ago/);
    expect(backup(`${created} -`, [`other ${ago(1)}`])).toMatch(
      /^2 .*has never succeeded since its creation 277 h ago/,
    );
  });

  test('gives a CronJob that is new its time', () => {
    expect(backup(`${ago(3_600)} -`)).toMatch(/^0 .*has never succeeded since its creation 60 min ago/);
  });

  test('believes the run itself, which knows a good snapshot from a hook that failed', () => {
    const seconds = Date.parse(NOW) / 1000 - 120;
    const metric = `selfheal_backup_last_success_timestamp_seconds{cronjob="local-path-backup"} ${seconds}\n`;

    expect(backup(`${created} ${ago(200_000)}`, [], metric)).toMatch(/^0 .*succeeded 2 min ago/);
  });

  test('cannot tell by a run that says it is of the future: a clock is wrong', () => {
    const metric = (ahead: number) =>
      `selfheal_backup_last_success_timestamp_seconds{cronjob="x"} ${Date.parse(NOW) / 1000 + ahead}\n`;

    expect(backup(`${created} ${ago(60)}`, [], metric(60))).toMatch(/^0 .*succeeded 0 s ago/);
    expect(backup(`${created} ${ago(60)}`, [], metric(61))).toMatch(/^3 .*61 s ahead of the API server's/);
  });

  test('cannot tell where the CronJob is missing', () => {
    const answers = {
      'get jobs.batch': [],
      'get cronjobs.batch': `printf 'Error from server (NotFound): none\\n' >&2; exit 1`,
    };

    expect(told('check_backup_age.sh', answers)).toMatch(/^3 BACKUP UNKNOWN - .*\(NotFound\)/);
  });
});

test('a list of a thousand is one short line', () => {
  const pods = `printf 'selfheal-begin\\n'; for i in {1..1000}; do printf 'shop/%0200d ${ago(900)} , ,\\n' "$i"; done`;
  const answer = `${rows([])} >/dev/null; ${pods}; printf 'selfheal-end\\n'`;
  const { status, stdout } = checkHost({ kubectl: answer }).run('check_k8s_scheduler_stall.sh');

  expect(stdout.length).toBeLessThan(800);
  expect(stdout).toContain('untouched=1000;');
  expect(status).toBe(2);
});
