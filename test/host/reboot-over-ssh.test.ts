/** Hosts that are asked to reboot over SSH, against a real sshd; only what would really reboot them is a stub. */
import { rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { RebootSsh } from '../../src/cluster/cluster.js';
import { createSshHosts } from '../../src/commands/reboot-over-ssh.js';
import { refuseUnreachable } from '../../src/commands/reboot-reachable.js';
import type { KubeApi } from '../../src/live/kube-api.js';
import type { LiveObject } from '../../src/manifest/live-object.js';
import { MARK_ANNOTATION } from '../../src/ops/reboot/names.js';
import { nextStep } from '../../src/ops/reboot/next-step.js';
import { planOf } from '../../src/ops/reboot/plan.js';
import { planText } from '../../src/ops/reboot/plan-text.js';
import { leftBehind } from '../../src/ops/reboot/standing.js';
import type { Mark, Roll, Seen, SeenJob } from '../../src/ops/reboot/state.js';
import { NOTHING_WATCHED, watch } from '../../src/ops/reboot/watch.js';
import { OPTIONS } from '../ops/reboot/run.js';
import { MINIMAL_SPEC, minimal } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { SSH_TOOLS, type SshHost, sshHost, until } from './ssh-host.js';

const BOOT = '0b6f4a52-6f0c-4f0e-9b64-3d1f0a9c7e11';
const OTHER = 'c1d0e8b7-51aa-4f3c-8f37-a20f6b1c5d22';
const REBOOT = { do: 'reboot', node: 'lamp', roll: 'r1', bootId: BOOT } as const;

const clusterWith = (ssh: RebootSsh) => {
  const cluster = minimal();
  const bootDeadline = { seconds: OPTIONS.bootMs / 1_000 };
  return { ...cluster, reboots: { ...cluster.reboots, bootDeadline, ssh: new Map([['lamp', ssh]]) } };
};

const MARK: Mark = {
  ...{ roll: 'r1', step: 'reboot', bootId: BOOT, cordoned: 'by-us', workloads: [], before: [], why: null },
};

const seenWith = (bootId: string, jobs: readonly SeenJob[] = [], mark: Mark | null = MARK): Seen => ({
  lease: null,
  nodes: [
    {
      ...{ name: 'lamp', resourceVersion: '1', role: 'control-plane', ready: true, bootId, unschedulable: true },
      ...{ taints: [], mark },
    },
  ],
  ...{ pods: [], jobs, workloads: [], leaders: [] },
});

/** One run of a roll, with a clock that stands unless it is set. */
function run(ssh: RebootSsh, environment: SshHost['environment'], { undo = false } = {}) {
  const said: string[] = [];
  const at = { now: 0 };
  const hosts = createSshHosts({
    ...{ cluster: clusterWith(ssh), environment, undo },
    clock: () => at.now,
    say: (line) => said.push(line),
  });
  const jobs = (bootId = BOOT, others: readonly SeenJob[] = [], mark: Mark | null = MARK) => {
    const looked = hosts.seen({ ok: true, value: seenWith(bootId, others, mark) });
    return looked.ok ? looked.value.jobs : [];
  };
  const ask = () => hosts.take(REBOOT, seenWith(BOOT));
  const answered = async (): Promise<SeenJob | undefined> => {
    ask();
    await until(() => said.length > 0);
    return jobs()[0];
  };
  return { hosts, said, at, jobs, ask, answered };
}

const ordered = ({ calls }: SshHost) => calls().filter((call) => call.startsWith('systemd-run'));

const nodeObject = (mark: Mark | null): LiveObject => ({
  ...{ apiVersion: 'v1', kind: 'Node' },
  metadata: {
    ...{ name: 'lamp', uid: 'u', resourceVersion: '1', creationTimestamp: '2026-11-22T02:00:00Z' },
    annotations: mark === null ? {} : { [MARK_ANNOTATION]: JSON.stringify(mark) },
  },
  status: { nodeInfo: { bootID: BOOT } },
});
/** An API server of one node and nothing else. */
const apiWith = (mark: Mark | null) =>
  ({
    server: 'https://127.0.0.1:6443',
    get: async () => ({ ok: true, value: null }),
    list: async ({ kind }: { kind: string }) => ({ ok: true, value: kind === 'Node' ? [nodeObject(mark)] : [] }),
  }) as unknown as KubeApi;
const probe = (far: SshHost, ssh: RebootSsh, { mark = null as Mark | null, wanted = ['lamp'] } = {}) =>
  refuseUnreachable(
    { api: apiWith(mark), cluster: clusterWith(ssh), wanted: wanted.map((node) => ({ node, reason: 'x' })) },
    { environment: far.environment },
  );

describeWith(SSH_TOOLS, 'a host over SSH', () => {
  test('that has another host key than the described one is asked nothing', async () => {
    const far = await sshHost({ boot: BOOT });
    const hostKey = far.on.read('mine.pub').trim();

    const { answered, said } = run({ ...far.ssh, hostKey }, far.environment);

    expect(await answered()).toMatchObject({ progress: 'waiting' });
    expect(said).toEqual([expect.stringMatching(/^lamp: over SSH: .*Host key verification failed\.$/)]);
    expect(far.calls()).toEqual([]);
  });

  test('that has rebooted since reboots no second time, and its new boot is waited for', async () => {
    const far = await sshHost({ boot: OTHER });

    const job = await run(far.ssh, far.environment).answered();

    expect(far.calls()).toEqual([]);
    expect(job).toMatchObject({
      progress: 'begun',
      said: `host-reboot: not rebooted: expected boot ${BOOT}, got ${OTHER}: it has rebooted since`,
    });
  });

  test('that refuses has nothing under way, and its words are heard', async () => {
    const far = await sshHost({ boot: BOOT, stubs: { systemctl: 'exit 1' } });

    const job = await run(far.ssh, far.environment).answered();

    expect(job).toMatchObject({ progress: 'refused', said: 'host-reboot: not rebooted: systemd does not answer' });
    expect(ordered(far)).toEqual([]);
  });

  test.each([0, 1])('whose account has no shell has begun nothing, whatever it ends with: %d', async (status) => {
    const far = await sshHost({ boot: BOOT });
    far.on.write('authorized', `command="echo no shell here; exit ${status}" ${far.on.read('mine.pub')}`);

    const job = await run(far.ssh, far.environment).answered();

    expect(job).toMatchObject({ progress: 'waiting', said: 'no shell here' });
    await expect(probe(far, far.ssh)).rejects.toThrow('got no shell here');
  });

  test('without sudo for that user refuses in the words of sudo', async () => {
    const far = await sshHost({
      ...{ boot: BOOT, stubs: { sudo: `printf 'sudo: a password is required\\n' >&2; exit 1` } },
    });

    const job = await run({ ...far.ssh, sudo: true }, far.environment).answered();

    expect(job).toMatchObject({ progress: 'refused', said: 'sudo: a password is required' });
    expect(far.calls()).toEqual([
      `sudo -n -- env HOST_REBOOT_BOOT_ID=${BOOT} HOST_REBOOT_SANDBOX_UNIT= bash /dev/stdin`,
    ]);
  });

  test('that nobody answers for is named, and asked again no sooner than after 15 s', async () => {
    const far = await sshHost({ boot: BOOT });
    far.cut();
    const { answered, said, jobs, at } = run(far.ssh, far.environment);

    const job = await answered();

    expect(job).toMatchObject({ progress: 'waiting', said: expect.stringContaining('Connection refused') });
    expect(said).toEqual([expect.stringContaining(`127.0.0.1 port ${far.ssh.port}: Connection refused`)]);
    at.now = 14_999;
    expect(jobs()).toHaveLength(1);
    at.now = 15_000;
    expect(jobs()).toEqual([]);
  });

  test('whose connection is cut after the program began may reboot', async () => {
    const far = await sshHost({ boot: BOOT, stubs: { 'systemd-run': 'exec sleep 30' } });
    const { ask, jobs, said } = run(far.ssh, far.environment);
    ask();
    await until(() => ordered(far).length > 0);
    expect(jobs()).toMatchObject([{ progress: 'begun' }]);

    far.cut();
    await until(() => said.length > 0);

    expect(jobs()).toMatchObject([{ progress: 'begun', uid: BOOT, overSsh: true }]);
  });

  test('whose program ends as no refusal does may reboot', async () => {
    const far = await sshHost({ boot: BOOT, stubs: { bash: 'exit 4' } });
    far.on.stub('env', 'exit 4');

    expect(await run(far.ssh, far.environment).answered()).toMatchObject({ progress: 'begun' });
  });

  test.each([false, true])('in the boot that is meant is asked once, with sudo: %j', async (sudo) => {
    const far = await sshHost({ boot: BOOT });
    const { answered, jobs } = run({ ...far.ssh, sudo }, far.environment);

    const job = await answered();

    expect(job).toMatchObject({ progress: 'begun', said: `host-reboot: boot ${BOOT}: reboots in 2 s` });
    expect(ordered(far)).toHaveLength(1);
    expect(jobs(OTHER)).toEqual([]);
  });

  test('that was told to reboot by a run that was killed is asked again, and ordered nothing twice', async () => {
    const far = await sshHost({ boot: BOOT });
    await run(far.ssh, far.environment).answered();
    far.on.stub(
      'systemctl',
      `case "$*" in *selfheal-reboot.timer) printf 'active\\n' ;; *) printf 'inactive\\n' ;; esac`,
    );
    const next = run(far.ssh, far.environment);
    expect(next.jobs()).toEqual([]);

    const job = await next.answered();

    expect(job).toMatchObject({ progress: 'begun', said: expect.stringContaining('stands already') });
    expect(ordered(far)).toHaveLength(1);
  });

  test('is sent nothing once the run has ended, or has let go of it', async () => {
    const far = await sshHost({ boot: BOOT });
    for (const how of ['end', 'remove'] as const) {
      const { hosts, ask, jobs, said } = run(far.ssh, far.environment);
      ask();
      expect(jobs()).toMatchObject([{ progress: 'waiting' }]);

      if (how === 'end') hosts.end();
      else {
        const step = { do: 'remove-job', node: 'lamp', uid: BOOT, why: '' } as const;
        expect(hosts.take(step, { ...seenWith(BOOT), jobs: jobs() })).toEqual({ ok: true, value: null });
        expect(jobs()).toEqual([]);
      }
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      expect(said).toEqual([]);
    }

    expect(far.calls()).toEqual([]);
  });

  test('that has a Job is left to it, and so is one that is not marked for its reboot', async () => {
    const far = await sshHost({ boot: BOOT });
    const { answered, jobs, hosts } = run(far.ssh, far.environment);
    await answered();
    const job = {
      ...{ node: 'lamp', uid: 'j', roll: 'r1', bootId: BOOT },
      progress: 'waiting',
      said: '',
      going: false,
    } as const;

    expect(jobs(BOOT, [job])).toEqual([job]);
    expect(jobs(BOOT, [], null)).toEqual([]);
    expect(jobs(BOOT, [], { ...MARK, step: 'drain' })).toEqual([]);
    const removal = { do: 'remove-job', node: 'lamp', uid: 'j', why: '' } as const;
    expect(hosts.take(removal, seenWith(BOOT, [job]))).toBeUndefined();
  });

  test('is taken for one that may reboot by a run that undoes, until it lets go', async () => {
    const far = await sshHost({ boot: BOOT });
    const { hosts, jobs } = run(far.ssh, far.environment, { undo: true });

    expect(jobs()).toMatchObject([{ progress: 'begun', overSsh: true }]);
    hosts.take({ do: 'remove-job', node: 'lamp', uid: BOOT, why: '' }, { ...seenWith(BOOT), jobs: jobs() });
    expect(jobs()).toEqual([]);
    expect(far.calls()).toEqual([]);
  });
});

describeWith(SSH_TOOLS, 'a roll', () => {
  const ROLL: Roll = {
    ...{ id: 'r1', reason: 'x', by: 'me', nodes: ['lamp'], boots: { lamp: BOOT }, done: [], settling: null },
    stopped: null,
  };

  /** The roll's own decisions, a look each half second of a clock that does not wait, until its first that is no asking. */
  async function rolled({ hosts, said, at }: ReturnType<typeof run>) {
    const asked: number[] = [];
    const waits = new Set<string>();
    for (let watched = NOTHING_WATCHED; at.now < 300_000; at.now += 500) {
      const lease = { ...{ uid: 'l', resourceVersion: '1', holder: 'me', durationMs: 60_000 }, roll: ROLL };
      const looked = hosts.seen({ ok: true, value: { ...seenWith(BOOT), lease } });
      if (!looked.ok) throw new Error('expected the look as it was given');
      const seen = looked.value;
      watched = watch(watched, seen, 'me', at.now);
      const state = {
        options: OPTIONS,
        ask: { ...ROLL },
        me: 'me',
        lookedAt: at.now,
        now: at.now,
        watched,
        renewedAt: at.now,
      };
      const step = nextStep({ ...state, seen, checked: null, tries: new Map() });
      if (step.do === 'wait') waits.add(step.why);
      else if (step.do !== 'reboot') return { asked, waits: [...waits], step };
      else {
        const before = said.length;
        asked.push(at.now);
        hosts.take(step, seen);
        await until(() => said.length > before);
      }
    }
    throw new Error('expected the roll to stop within five minutes, got nothing');
  }

  test('asks a host that nobody answers for each 15 s, and stops when its time to boot is over', async () => {
    const far = await sshHost({ boot: BOOT });
    far.cut();

    const { asked, waits, step } = await rolled(run(far.ssh, far.environment));

    expect(asked).toEqual([0, 15_000, 30_000, 45_000]);
    expect(waits).toEqual([expect.stringMatching(/^until its host is asked over SSH: .*Connection refused$/)]);
    expect(step).toMatchObject({ do: 'lease', what: 'stop', why: expect.stringContaining('Connection refused') });
  });

  test('stops at once at a host that refuses, and says why', async () => {
    const far = await sshHost({ boot: BOOT, stubs: { systemctl: 'exit 1' } });

    const { asked, step } = await rolled(run(far.ssh, far.environment));

    expect(asked).toEqual([0]);
    expect(step).toMatchObject({ what: 'stop', why: expect.stringMatching(/its host refused: .*systemd does not/) });
  });

  test('asks a host once that does not come back, and stops when its time to boot is over', async () => {
    const far = await sshHost({ boot: BOOT });

    const { asked, waits, step } = await rolled(run(far.ssh, far.environment));

    expect(asked).toEqual([0]);
    expect(waits).toEqual(['until it is back in another boot']);
    expect(step).toMatchObject({ what: 'stop', why: expect.stringContaining('has not come back in another boot') });
    expect(ordered(far)).toHaveLength(1);
  });

  test('does not tell of a Job where there is none', () => {
    const job = {
      ...{ node: 'lamp', uid: BOOT, roll: 'r1', bootId: BOOT, said: '' },
      progress: 'begun',
      going: false,
    } as const;

    expect(leftBehind(seenWith(BOOT, [{ ...job, overSsh: true }]))).toEqual([
      'node lamp: marked, cordoned by the roll, Ready',
    ]);
    expect(leftBehind(seenWith(BOOT, [job]))).toHaveLength(2);
  });

  test('tells in its plan by what each host is reached', () => {
    const nodes = {
      ...MINIMAL_SPEC.nodes,
      bulb: { ...MINIMAL_SPEC.nodes.lamp, role: 'agent', address: '192.0.2.8' },
    } as const;
    const hostKey = `ssh-ed25519 AAAA${'C3NzaC1lZDI1NTE5'.repeat(4)}` as const;
    const told = (reboots: object) => {
      const cluster = minimal({ nodes, reboots });
      const wanted = ['lamp', 'bulb'].map((node) => ({ node, reason: 'x' }));
      const plan = planOf({ cluster, seen: seenWith(BOOT), options: OPTIONS, wanted, checked: new Map() });
      return planText(plan, 'here').filter((line) => /reached/.test(line));
    };

    expect(told({ ssh: { user: 'ops', nodes: { bulb: { hostKey } } } })).toEqual([
      '     reached      over SSH: ops at 192.0.2.8, port 22, with sudo',
      '     reached      by a Job in the cluster',
    ]);
    expect(told({})).toEqual([]);
  });
});

describeWith(SSH_TOOLS, 'before the first node is cordoned', () => {
  test('a host that nobody answers for is refused with its name', async () => {
    const far = await sshHost({ boot: BOOT });
    far.cut();

    await expect(probe(far, far.ssh)).rejects.toThrow(
      `node lamp: expected a root shell over SSH (root at 127.0.0.1, port ${far.ssh.port}), got ssh: connect to host 127.0.0.1 port ${far.ssh.port}: Connection refused`,
    );
  });

  test('a host with another key is refused', async () => {
    const far = await sshHost({ boot: BOOT });

    await expect(probe(far, { ...far.ssh, hostKey: far.on.read('mine.pub').trim() })).rejects.toThrow(
      'Host key verification failed.',
    );
  });

  test.each([
    ['sudo', `printf 'sudo: a password is required\\n' >&2; exit 1`, 'sudo: a password is required'],
    ['id', `[[ $1 == -u ]] && printf '1000\\n' || printf 'ops\\n'`, 'ops is not root there'],
  ])('a user who is not root there is refused: %s', async (program, body, words) => {
    const far = await sshHost({ boot: BOOT, stubs: { [program]: body } });

    await expect(probe(far, { ...far.ssh, sudo: true })).rejects.toThrow(
      `(root at 127.0.0.1, port ${far.ssh.port}, with sudo), got ${words}`,
    );
  });

  test('a host without systemd is refused', async () => {
    const far = await sshHost({ boot: BOOT });
    rmSync(far.on.path('bin/systemd-run'));

    await expect(probe(far, far.ssh)).rejects.toThrow('systemctl, systemd-run or timeout is missing');
  });

  test('a host that can be asked passes, and nothing is asked of it', async () => {
    const far = await sshHost({ boot: BOOT });

    await probe(far, { ...far.ssh, sudo: true });

    expect(far.calls()).toEqual([expect.stringMatching(/^sudo -n -- env bash/)]);
  });

  test('a host whose reboot is under way, or that is not in the roll, is not asked', async () => {
    const far = await sshHost({ boot: BOOT });
    far.cut();

    await probe(far, far.ssh, { mark: MARK });
    await probe(far, far.ssh, { wanted: ['bulb'] });

    await expect(probe(far, far.ssh)).rejects.toThrow('Connection refused');
  });
});
