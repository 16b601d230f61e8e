/** A program in a pod: the kubelet's token and authority are all that it has, and the token is another one by and by. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { rootCertificates } from 'node:tls';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { connectToAct } from '../../../src/live/act.js';
import { inCluster } from '../../../src/live/in-cluster.js';
import type { ActingKubeApi } from '../../../src/live/kube-actions.js';
import { type Bench, startBench } from '../bench/bench.js';

const SECRETS = { apiVersion: 'v1', kind: 'Secret' } as const;

let bench: Bench;
let folder: string;
const opened: ActingKubeApi[] = [];

const tokenOf = (name: string): string =>
  bench.kubectl(['create', 'token', name, '--namespace=shelf', '--duration=2h']);
const write = (file: string, content: string): void => writeFileSync(join(folder, file), content, { mode: 0o600 });
const open = (ca: string): ActingKubeApi => {
  write('ca.crt', ca);
  const { hostname, port } = new URL(bench.server);
  const environment = { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port };
  const api = connectToAct(inCluster({ environment, timeout: { seconds: 10 }, folder }));
  opened.push(api);
  return api;
};
const refusalIn = async (api: ActingKubeApi): Promise<string> => {
  const answer = await api.list(SECRETS);
  return answer.ok ? 'allowed' : `${answer.failure.kind} ${/User "([^"]+)"/.exec(answer.failure.message)?.[1]}`;
};

beforeAll(async () => {
  bench = await startBench({ nodes: [], crds: [] });
  folder = join(bench.folder, 'serviceaccount');
  mkdirSync(folder);
  bench.kubectl(['create', 'namespace', 'shelf']);
  for (const name of ['old', 'new']) bench.kubectl(['create', 'serviceaccount', name, '--namespace=shelf']);
});
afterAll(async () => {
  for (const api of opened) api.close();
  await bench?.close();
});

test('a server that the authority did not sign is not told the token', async () => {
  write('token', tokenOf('old'));
  const [another = ''] = rootCertificates;

  const answer = await open(another).version();

  expect(answer.ok || answer.failure.kind).toBe('unreachable');
  expect(answer.ok || answer.failure.message).toMatch(/certificate/);
});

test.each(['token', 'ca.crt'])('an empty %s is no leave to ask as nobody in particular', async (file) => {
  write('token', tokenOf('old'));
  const api = open(bench.certificates.ca);
  write(file, '');

  const answer = await api.list(SECRETS);

  expect(answer.ok || answer.failure).toEqual({
    kind: 'unauthorized',
    message: `which kinds there are (/api): '${join(folder, file)}': expected what the kubelet puts there, got an empty file`,
  });
});

test('what the kubelet has not put there yet is asked for again', async () => {
  rmSync(join(folder, 'token'));
  const api = open(bench.certificates.ca);
  const before = await api.version();

  write('token', tokenOf('old'));

  expect(before.ok || before.failure.kind).toBe('unauthorized');
  expect((await api.version()).ok).toBe(true);
});

test('each question is put with the token that is there now', async () => {
  write('token', tokenOf('old'));
  const api = open(bench.certificates.ca);
  const before = await refusalIn(api);

  write('token', tokenOf('new'));

  expect([before, await refusalIn(api)]).toEqual([
    'forbidden system:serviceaccount:shelf:old',
    'forbidden system:serviceaccount:shelf:new',
  ]);
});
