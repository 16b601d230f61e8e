/** What a real API server makes of a write that comes too late, twice, from the wrong identity, or whose answer is lost. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { connectToAct } from '../../../src/live/act.js';
import { targetOf } from '../../../src/live/connect.js';
import type { ActingKubeApi, Written } from '../../../src/live/kube-actions.js';
import { at, textAt } from '../../../src/manifest/json.js';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Manifest } from '../../../src/manifest/manifest.js';
import { type Bench, startBench } from '../bench/bench.js';
import { type FaultyProxy, startFaultyProxy } from '../bench/faulty-proxy.js';

const NODE = { apiVersion: 'v1', kind: 'Node', name: 'attic' } as const;
const POD = { apiVersion: 'v1', kind: 'Pod' } as const;
const APP = { namespace: 'shelf', labels: { app: 'lamp' } } as const;

const lease = (name: string, holderIdentity = 'me'): Manifest => ({
  apiVersion: 'coordination.k8s.io/v1',
  kind: 'Lease',
  metadata: { namespace: 'shelf', name },
  spec: { holderIdentity, leaseDurationSeconds: 60 },
});
const leaseRef = (name: string) => ({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', namespace: 'shelf', name });
const pod = (name: string, labels: Readonly<Record<string, string>> = APP.labels): Manifest => ({
  ...POD,
  metadata: { namespace: 'shelf', name, labels },
  spec: {
    nodeName: 'attic',
    automountServiceAccountToken: false,
    containers: [{ name: 'main', image: 'example.org/lamp:1' }],
  },
});
const budget = (name: string, app: string, minAvailable: number): Manifest => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { namespace: 'shelf', name },
  spec: { minAvailable, selector: { matchLabels: { app } } },
});

let bench: Bench;
let proxy: FaultyProxy;
let api: ActingKubeApi;
const opened: ActingKubeApi[] = [];

const open = (kubeconfig: string, seconds = 30): ActingKubeApi => {
  const target = targetOf({ context: 'bench', kubeconfig, timeout: { seconds }, environment: {} });
  const acting = connectToAct(target);
  opened.push(acting);
  return acting;
};
const resultOf = <T>(written: Written<T>): T => {
  if (!written.ok) throw new Error(`${written.failure.kind}: ${written.failure.message}`);
  return written.value;
};
const failureOf = (written: Written<unknown>) => {
  if (written.ok) throw new Error(`expected a failure, got ${JSON.stringify(written.value)}`);
  return written.failure;
};
const live = async (ref: Parameters<ActingKubeApi['get']>[0]): Promise<LiveObject> => {
  const found = resultOf(await api.get(ref));
  if (found === null) throw new Error(`${ref.kind} ${ref.name}: expected it, got nothing`);
  return found;
};
const uidOf = (name: string): string | undefined => bench.get('pod', name, 'shelf')?.metadata.uid;
const runs = async (name: string): Promise<string> => {
  const found = await bench.until(`the pod ${name} runs`, () => {
    const there = bench.get('pod', name, 'shelf');
    return there && textAt(there, 'status', 'phase') === 'Running' ? there : undefined;
  });
  return found.metadata.uid;
};

beforeAll(async () => {
  bench = await startBench({ nodes: [{ name: 'attic' }], crds: [] });
  proxy = await startFaultyProxy(bench);
  bench.kubectl(['create', 'namespace', 'shelf']);
  await bench.until('the namespace has its account', () => bench.get('serviceaccount', 'default', 'shelf'));
  api = open(bench.kubeconfig);
});
afterEach(() => proxy.rule(() => undefined));
afterAll(async () => {
  for (const one of opened) one.close();
  await proxy?.close();
  await bench?.close();
});

describe('what is created', () => {
  test('is not created again: the second hears of it and nothing changes', async () => {
    const first = resultOf(await api.actions.create(lease('lock', 'first')));

    const second = failureOf(await api.actions.create(lease('lock', 'second')));

    expect(second).toEqual({
      kind: 'conflict',
      message: 'create Lease shelf/lock: 409 AlreadyExists: leases.coordination.k8s.io "lock" already exists',
    });
    expect(await live(leaseRef('lock'))).toEqual(first);
    expect(at(first, 'spec', 'holderIdentity')).toBe('first');
  });

  test('is refused with a field that the server does not know, instead of without it', async () => {
    const misspelt = { ...lease('misspelt'), spec: { holderIdentiy: 'me' } };

    const { kind, message } = failureOf(await api.actions.create(misspelt));

    expect({ kind, message }).toEqual({
      kind: 'refused',
      message: expect.stringContaining('unknown field "spec.holderIdentiy"'),
    });
    expect(bench.get('lease', 'misspelt', 'shelf')).toBeUndefined();
  });

  test('is refused, in the words of the server, to whom it is not allowed', async () => {
    const stranger = open(bench.kubeconfigFor({ namespace: 'shelf', name: 'default' }));

    // It may not ask which kinds there are in a way that answers less: everybody may.
    expect(failureOf(await stranger.actions.create(lease('mine')))).toEqual({
      kind: 'forbidden',
      message:
        'create Lease shelf/mine: 403 Forbidden: leases.coordination.k8s.io is forbidden: User "system:serviceaccount:shelf:default" cannot create resource "leases" in API group "coordination.k8s.io" in the namespace "shelf"',
    });
    expect(bench.get('lease', 'mine', 'shelf')).toBeUndefined();
  });
});

describe('an object that changed since it was read', () => {
  test('is not replaced', async () => {
    const read = resultOf(await api.actions.create(lease('swap', 'first')));
    const renewed = resultOf(await api.actions.replace({ ...read, spec: { holderIdentity: 'second' } }));

    const late = failureOf(await api.actions.replace({ ...read, spec: { holderIdentity: 'third' } }));

    expect(late.kind).toBe('conflict');
    expect(late.message).toContain('replace Lease shelf/swap: 409 Conflict: ');
    expect(await live(leaseRef('swap'))).toEqual(renewed);
    expect(at(renewed, 'spec', 'holderIdentity')).toBe('second');
  });

  test('is not patched', async () => {
    const before = await live(NODE);
    const marked = resultOf(
      await api.actions.merge(NODE, { metadata: { annotations: { by: 'first' } } }, before.metadata),
    );

    const late = failureOf(
      await api.actions.merge(
        NODE,
        { metadata: { annotations: { by: 'second' } }, spec: { unschedulable: true } },
        before.metadata,
      ),
    );

    const after = await live(NODE);
    expect(late.kind).toBe('conflict');
    expect(marked.metadata.annotations).toMatchObject({ by: 'first' });
    expect(after.metadata.annotations).toMatchObject({ by: 'first' });
    expect(at(after, 'spec', 'unschedulable')).toBeUndefined();
  });

  test('is not made again where it is gone, nor is another of its name taken for it', async () => {
    const read = resultOf(await api.actions.create(lease('gone')));
    bench.kubectl(['delete', 'lease', 'gone', '--namespace=shelf']);

    const [replaced, merged] = [
      failureOf(await api.actions.replace(read)),
      failureOf(await api.actions.merge(leaseRef('gone'), { spec: { holderIdentity: 'x' } }, read.metadata)),
    ];
    expect([replaced.kind, merged.kind]).toEqual(['conflict', 'conflict']);
    expect(bench.get('lease', 'gone', 'shelf')).toBeUndefined();

    const another = resultOf(await api.actions.create(lease('gone', 'another')));
    expect(failureOf(await api.actions.replace(read)).kind).toBe('conflict');
    expect(await live(leaseRef('gone'))).toEqual(another);
  });
});

describe('a pod', () => {
  test('is not evicted in the place of one that had its name when it was looked at', async () => {
    bench.apply([pod('renamed', { app: 'other' })], { manager: 'test' });
    const before = await runs('renamed');
    const through = open(proxy.kubeconfig(bench.kubeconfig));
    await through.resource(POD);
    const eviction = new Promise<void>((seen) => {
      proxy.rule(({ path }) => {
        if (!path.endsWith('/eviction')) return undefined;
        seen();
        return { do: 'delay', milliseconds: 4_000 };
      });
    });

    const asked = through.actions.evict({ ...APP, name: 'renamed', uid: before });
    await eviction;
    bench.kubectl(['delete', 'pod', 'renamed', '--namespace=shelf', '--force', '--grace-period=0']);
    bench.apply([pod('renamed', { app: 'other' })], { manager: 'test' });
    const after = uidOf('renamed');

    expect(resultOf(await asked)).toBe('gone');
    expect(uidOf('renamed')).toBe(after);
    expect(after).not.toBe(before);
    expect(bench.get('pod', 'renamed', 'shelf')?.metadata.deletionTimestamp).toBeUndefined();
  });

  test('that a budget holds is not evicted, and the budget is named', async () => {
    bench.apply([budget('two-lamps', 'lamp', 2), pod('lamp-1'), pod('lamp-2')], { manager: 'test' });
    const uid = await runs('lamp-1');
    await runs('lamp-2');
    await bench.until('the budget counts two', () => {
      const found = bench.get('poddisruptionbudget', 'two-lamps', 'shelf');
      return found && at(found, 'status', 'currentHealthy') === 2 ? found : undefined;
    });

    const began = performance.now();
    const answer = resultOf(await api.actions.evict({ ...APP, name: 'lamp-1', uid }));

    expect(answer).toEqual({
      held: "Cannot evict pod as it would violate the pod's disruption budget. The disruption budget two-lamps needs 2 healthy pods and has 2 currently",
    });
    // It is asked once: the number that it comes with is also that of a busy server, which is asked again.
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(uidOf('lamp-1')).toBe(uid);
  });

  test('that is another by now uses up nothing of its budget', async () => {
    bench.apply([budget('spare', 'spare', 0), pod('spare', { app: 'spare' })], { manager: 'test' });
    await runs('spare');
    const allowed = async (): Promise<unknown> => {
      const found = bench.get('poddisruptionbudget', 'spare', 'shelf');
      return (
        found && { allowed: at(found, 'status', 'disruptionsAllowed'), disrupted: at(found, 'status', 'disruptedPods') }
      );
    };
    await bench.until('the budget has room', async () => {
      const found = bench.get('poddisruptionbudget', 'spare', 'shelf');
      return found && at(found, 'status', 'disruptionsAllowed') === 1 ? found : undefined;
    });

    const answer = resultOf(
      await api.actions.evict({ ...APP, name: 'spare', uid: 'b1946ac9-0000-4000-8000-000000000000' }),
    );

    expect(answer).toBe('gone');
    expect(await allowed()).toEqual({ allowed: 1, disrupted: undefined });
  });

  test('that several budgets hold is not evicted either', async () => {
    const labels = { app: 'twice', tier: 'x' };
    const other = { ...budget('tier', 'x', 0), spec: { minAvailable: 0, selector: { matchLabels: { tier: 'x' } } } };
    bench.apply([budget('twice', 'twice', 0), other, pod('twice', labels)], { manager: 'test' });
    const uid = await runs('twice');

    const answer = resultOf(await api.actions.evict({ ...APP, name: 'twice', uid }));

    expect(answer).toEqual({ held: expect.stringContaining('more than one PodDisruptionBudget') });
    expect(uidOf('twice')).toBe(uid);
  });

  test('that nothing holds is evicted, and gone when asked again', async () => {
    bench.apply([pod('free', { app: 'free' })], { manager: 'test' });
    const uid = await runs('free');

    const first = resultOf(await api.actions.evict({ ...APP, name: 'free', uid }, { gracePeriodSeconds: 0 }));
    await bench.until('the pod is gone', () => uidOf('free') === undefined || undefined);

    expect([first, resultOf(await api.actions.evict({ ...APP, name: 'free', uid }))]).toEqual(['evicted', 'gone']);
  });

  test('is not evicted by somebody who may only look at it', async () => {
    bench.kubectl(['create', 'role', 'looker', '--namespace=shelf', '--verb=get', '--resource=pods']);
    const binding = ['--namespace=shelf', '--role=looker', '--serviceaccount=shelf:default'];
    bench.kubectl(['create', 'rolebinding', 'looker', ...binding]);
    const stranger = open(bench.kubeconfigFor({ namespace: 'shelf', name: 'default' }));
    const uid = uidOf('twice') ?? '';

    const { kind, message } = failureOf(await stranger.actions.evict({ ...APP, name: 'twice', uid }));

    expect(kind).toBe('forbidden');
    expect(message).toContain('cannot create resource "pods/eviction"');
    expect(uidOf('twice')).toBe(uid);
  });

  test('without a kubelet has no log, which is a failure and no empty log', async () => {
    const answer = await api.log({ ...APP, name: 'twice' }, { container: 'main', tailLines: 5 });

    expect(answer.ok).toBe(false);
    expect(failureOf(answer).message).toMatch(
      /^log of Pod shelf\/twice, container main: 500 Internal Server Error: no preferred addresses found/,
    );
  });
});

describe('what is removed', () => {
  test('is not another object of its name', async () => {
    const there = resultOf(await api.actions.create(lease('kept')));

    const answer = resultOf(
      await api.actions.remove(leaseRef('kept'), { uid: 'b1946ac9-0000-4000-8000-000000000000' }),
    );

    expect(answer).toBe('gone');
    expect(await live(leaseRef('kept'))).toEqual(there);
  });

  test('stays where it changed meanwhile, if that is asked', async () => {
    const before = resultOf(await api.actions.create(lease('taken')));
    const after = resultOf(await api.actions.replace({ ...before, spec: { holderIdentity: 'another' } }));

    const answer = await api.actions.remove(leaseRef('taken'), before.metadata);

    expect(failureOf(answer).kind).toBe('conflict');
    expect(await live(leaseRef('taken'))).toEqual(after);
    expect(resultOf(await api.actions.remove(leaseRef('taken'), after.metadata))).toBe('removed');
  });

  test('is removed once', async () => {
    const { metadata } = resultOf(await api.actions.create(lease('short')));

    const [first, second] = [
      resultOf(await api.actions.remove(leaseRef('short'), { uid: metadata.uid })),
      resultOf(await api.actions.remove(leaseRef('short'), { uid: metadata.uid })),
    ];

    expect([first, second]).toEqual(['removed', 'gone']);
    expect(bench.get('lease', 'short', 'shelf')).toBeUndefined();
  });

  test('is never all of them: without a name, or without a guard, nothing is sent', async () => {
    const through = open(proxy.kubeconfig(bench.kubeconfig));
    await through.resource(leaseRef('x'));
    const before = proxy.requests.length;
    const { uid } = (await live(leaseRef('kept'))).metadata;

    const answers = [
      ...(await Promise.all(
        ['', '.', '..', 'kept/status'].map((name) => through.actions.remove(leaseRef(name), { uid })),
      )),
      await through.actions.remove({ ...leaseRef('kept'), namespace: '' }, { uid }),
      await through.actions.remove({ apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', name: 'kept' }, { uid }),
      await through.actions.remove(leaseRef('kept'), { uid: '' }),
      await through.actions.evict({ namespace: 'shelf', name: 'twice', uid: '' }),
      await through.actions.merge(leaseRef('kept'), { spec: {} }, { resourceVersion: '' }),
    ];

    expect(answers.map((answer) => failureOf(answer).kind)).toEqual(answers.map(() => 'refused'));
    expect(proxy.requests.slice(before)).toEqual([]);
  });
});

describe('a write whose answer is lost', () => {
  const writes = ({ method }: { readonly method: string }): boolean => method !== 'GET';

  test('is not sent again: it was done, once', async () => {
    const through = open(proxy.kubeconfig(bench.kubeconfig), 10);
    const read = resultOf(await api.actions.create(lease('cut', 'before')));
    await through.resource(leaseRef('cut'));
    const before = proxy.requests.length;
    proxy.rule((request) => (writes(request) ? { do: 'cut', afterBytes: 1 } : undefined));

    const lost = failureOf(await through.actions.replace({ ...read, spec: { holderIdentity: 'after' } }));

    expect(lost).toEqual({
      kind: 'lost',
      message:
        'replace Lease shelf/cut: sent, and what became of it is not known: the connection broke in the middle of the answer',
    });
    expect(proxy.requests.slice(before).filter(writes)).toHaveLength(1);
    expect(at(await live(leaseRef('cut')), 'spec', 'holderIdentity')).toBe('after');
  });

  test('is not sent again: it never arrived', async () => {
    const through = open(proxy.kubeconfig(bench.kubeconfig), 10);
    await through.resource(leaseRef('cut'));
    const before = proxy.requests.length;
    proxy.rule((request) => (writes(request) ? { do: 'cut', afterBytes: 0 } : undefined));

    const lost = failureOf(await through.actions.create(lease('never')));

    expect(lost.kind).toBe('lost');
    expect(proxy.requests.slice(before).filter(writes)).toHaveLength(1);
    expect(bench.get('lease', 'never', 'shelf')).toBeUndefined();
  });

  test('is not sent again when nobody says anything until the time is up', async () => {
    const through = open(proxy.kubeconfig(bench.kubeconfig), 2);
    await through.resource(leaseRef('cut'));
    const { uid } = (await live(leaseRef('kept'))).metadata;
    proxy.rule((request) => (writes(request) ? { do: 'hang' } : undefined));

    const lost = failureOf(await through.actions.remove(leaseRef('kept'), { uid }));

    expect(lost).toEqual({
      kind: 'lost',
      message: 'remove Lease shelf/kept: sent, and what became of it is not known: no answer within 2 s',
    });
    expect((await live(leaseRef('kept'))).metadata.uid).toBe(uid);
  });

  test('does not keep the next question from being asked', async () => {
    const through = open(proxy.kubeconfig(bench.kubeconfig), 1);
    proxy.rule(() => ({ do: 'hang' }));
    const [asked, written] = [await through.get(leaseRef('kept')), await through.actions.create(lease('after-all'))];

    proxy.rule(() => undefined);

    expect([failureOf(asked).kind, failureOf(written).kind]).toEqual(['timed-out', 'timed-out']);
    expect(resultOf(await through.actions.create(lease('after-all'))).metadata.name).toBe('after-all');
  });
});

describe('an API server', () => {
  test('that is busy is asked again: it did nothing yet', async () => {
    const through = open(proxy.kubeconfig(bench.kubeconfig));
    await through.resource(leaseRef('x'));
    let busy = 0;
    proxy.rule(({ method }) =>
      method !== 'GET' && busy++ < 2
        ? { do: 'refuse', status: 429, reason: 'TooManyRequests', message: 'try again later' }
        : undefined,
    );

    const created = resultOf(await through.actions.create(lease('patient')));

    expect(busy).toBe(3);
    expect((await live(leaseRef('patient'))).metadata.uid).toBe(created.metadata.uid);
  });

  test.each([500, 502, 503, 504])('that fails with %i leaves open what it did', async (status) => {
    const through = open(proxy.kubeconfig(bench.kubeconfig));
    await through.resource(leaseRef('x'));
    proxy.rule(({ method }) =>
      method === 'GET' ? undefined : { do: 'refuse', status, reason: 'Timeout', message: 'request timed out' },
    );

    expect(failureOf(await through.actions.create(lease('open')))).toEqual({
      kind: 'lost',
      message: `create Lease shelf/open: ${status} Timeout: request timed out`,
    });
  });

  test('that restarts gets the write when it is back, once', async () => {
    const acting = open(bench.kubeconfig, 60);
    const read = resultOf(await acting.actions.create(lease('restart', 'before')));
    await bench.parts.stop('apiserver');

    // The connection that is kept may end under it: then it is read again, as whoever acts does.
    const first = acting.actions.replace({ ...read, spec: { holderIdentity: 'after' } });
    await bench.parts.start('apiserver');
    const written = await first;
    const now = await live(leaseRef('restart'));

    if (written.ok) expect(now).toEqual(written.value);
    else expect(written.failure.kind).toBe('lost');
    expect(at(now, 'spec', 'holderIdentity')).toBe(written.ok ? 'after' : 'before');
  });

  test('says what time it is', async () => {
    const asked = Date.now();
    const now = resultOf(await api.now());

    expect(Math.abs(now - asked)).toBeLessThan(5_000);
    expect(now % 1_000).toBe(0);
  });
});
