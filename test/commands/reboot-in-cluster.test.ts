/** The program of the roll in the cluster, where it cannot begin: there is nobody at a desk who would read why. */
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { writeCluster } from '../../src/cluster/transfer.js';
import { rollInCluster } from '../../src/commands/reboot-in-cluster.js';
import { terminal } from '../../src/commands/run.js';
import { ATTIC } from '../layers/rolling-reboot/spec.js';
import { NOTIFY, startTold, type Told } from '../live-cluster/reboot/told.js';
import { parsed } from '../support/clusters.js';
import { type FakeApiServer, json, refuse, startFakeApiServer } from '../support/fake-api-server.js';

let api: FakeApiServer;
let told: Told;
let folder: string;

beforeAll(async () => {
  [api, told] = await Promise.all([startFakeApiServer(), startTold()]);
});
afterAll(() => Promise.all([api.close(), told.close()]));
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'selfheal-roll-'));
  copyFileSync(api.caFile, join(folder, 'ca.crt'));
  writeFileSync(join(folder, 'token'), 'the-token');
  writeFileSync(join(folder, 'rendered.json'), '[]');
  describedWith({ notify: NOTIFY });
  told.events.length = 0;
});
afterEach(() => {
  api.reset();
  rmSync(folder, { recursive: true, force: true });
});

const describedWith = (reboots: object): void =>
  writeFileSync(
    join(folder, 'cluster.json'),
    writeCluster(parsed({ ...ATTIC, reboots: { ...ATTIC.reboots, ...reboots } })),
  );

/** The Secret of who is told is there, and the nodes are of another cluster. */
function playStranger(): void {
  const { stringData } = told.secret as unknown as { readonly stringData: Readonly<Record<string, string>> };
  const data = Object.fromEntries(
    Object.entries(stringData).map(([key, text]) => [key, Buffer.from(text).toString('base64')]),
  );
  const items = [{ metadata: { name: 'stranger' } }];
  api.play = ({ path }, response) => {
    if (path === '/api/v1/nodes') return answered(json(response, 200, { kind: 'NodeList', metadata: {}, items }));
    if (!path.endsWith(`/secrets/${told.secret.metadata.name}`)) return undefined;
    return answered(json(response, 200, { ...told.secret, data }));
  };
}

const answered = (_: unknown): true => true;

async function roll() {
  const said: string[] = [];
  const { hostname, port } = new URL(api.url);
  const status = await rollInCluster([folder, folder], {
    ...terminal,
    out: (line) => said.push(line),
    err: (line) => said.push(line),
    environment: { KUBERNETES_SERVICE_HOST: hostname, KUBERNETES_SERVICE_PORT: port },
  });
  return { status, said };
}

const STRANGER = '--context: expected the cluster attic with the nodes lamp, bulb, got "in-cluster" with stranger';

test('somebody is told that no roll was begun, and nothing is written', async () => {
  playStranger();

  const { status, said } = await roll();

  expect(said).toEqual([STRANGER]);
  expect(status).toBe(2);
  expect(told.events).toEqual(['stopped']);
  expect(new Set(api.questions.map(({ method }) => method))).toEqual(new Set(['GET']));
});

test('nobody is asked for who is described nowhere', async () => {
  describedWith({});
  playStranger();

  const { status, said } = await roll();

  expect(said).toEqual([STRANGER]);
  expect(status).toBe(2);
  expect(told.events).toEqual([]);
  expect(api.questions.filter(({ path }) => path.includes('secrets'))).toEqual([]);
});

test('where the URL is not to be had either, both are said', async () => {
  playStranger();
  const { play } = api;
  api.play = (question, response) =>
    question.path.includes('/secrets/') ? answered(refuse(response, 403, 'Forbidden', 'no')) : play(question, response);

  const { status, said } = await roll();

  expect(said).toEqual([expect.stringMatching(/^nobody will be notified: .*reboot-notify/), STRANGER]);
  expect(status).toBe(2);
  expect(told.events).toEqual([]);
});
