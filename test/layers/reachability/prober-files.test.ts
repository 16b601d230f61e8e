import { expect, test } from 'vitest';
import type { Reachability } from '../../../src/cluster/cluster.js';
import { proberEnvironment, proberFiles } from '../../../src/layers/reachability/prober-files.js';
import { readScript } from '../../../src/layers/script.js';
import { minimal, objectsOf } from '../../support/clusters.js';
import { headerVariables } from '../../support/fake-host.js';

const looked = (spec: object = {}): Reachability => {
  const { reachability } = minimal({ reachability: spec });
  if (reachability === null) throw new Error('cluster: expected reachability, got null');
  return reachability;
};
const file = (path: string) => proberFiles(looked()).find((each) => each.path === path)?.content ?? '';

test('a cluster that is looked at by another host gets nothing for it', () => {
  expect(objectsOf(minimal({ reachability: {} }), 'reachability')).toEqual([]);
});

test('a host gets the script with its parts, its units and its settings, and no secret', () => {
  expect(proberFiles(looked()).map(({ path, mode }) => `${mode} ${path}`)).toEqual([
    ...['judge', 'memory', 'post', 'queue', 'report', 'signs'].map(
      (part) => `0644 /usr/local/lib/selfheal/reachability-prober/${part}.sh`,
    ),
    '0755 /usr/local/bin/reachability-prober.sh',
    '0644 /etc/selfheal/reachability-prober.env',
    '0644 /etc/systemd/system/reachability-prober.service',
    '0644 /etc/systemd/system/reachability-prober.timer',
  ]);
});

test('the script reads in exactly the parts that are beside it', () => {
  const parts = /for part in ([\w ]+);/.exec(file('/usr/local/bin/reachability-prober.sh'))?.[1]?.split(' ');

  expect(parts?.map((part) => `${part}.sh`).sort()).toEqual(
    proberFiles(looked()).flatMap(({ path }) => /reachability-prober\/(.+)$/.exec(path)?.[1] ?? []),
  );
});

test('the settings name each node, by its address', () => {
  const settings = file('/etc/selfheal/reachability-prober.env');

  expect(settings).toContain('REACHABILITY_TARGETS=lamp/192.0.2.7/22+10250\n');
  expect(settings).toContain('REACHABILITY_TOLERATE_SECONDS=120\n');
});

test.each([
  [undefined, { FORM: '', WEBHOOK: '', TOKEN: '' }],
  [
    { kind: 'ntfy' },
    {
      FORM: 'ntfy',
      WEBHOOK: '/etc/selfheal/reachability-prober.url',
      TOKEN: '/etc/selfheal/reachability-prober.token',
    },
  ],
  [
    { kind: 'slack', urlFile: '/run/slack' },
    { FORM: 'slack', WEBHOOK: '/run/slack', TOKEN: '' },
  ],
  [
    { kind: 'webhook', tokenFile: '/run/token' },
    { FORM: 'webhook', WEBHOOK: '/etc/selfheal/reachability-prober.url', TOKEN: '/run/token' },
  ],
])('notify %j becomes the form and its files', (notify, expected) => {
  const settings = proberEnvironment(looked(notify === undefined ? {} : { notify }));

  for (const [name, value] of Object.entries(expected)) expect(settings[`REACHABILITY_${name}`]).toBe(value);
});

test('the header of the script names exactly its settings', () => {
  const named = headerVariables(readScript('reachability', 'reachability-prober.sh'));

  expect([...named].sort()).toEqual(Object.keys(proberEnvironment(looked())).sort());
});

test('the service starts what is put on the host, with its settings', () => {
  const service = file('/etc/systemd/system/reachability-prober.service');

  expect(service).toContain('ExecStart=/usr/local/bin/reachability-prober.sh\n');
  expect(service).toContain('EnvironmentFile=/etc/selfheal/reachability-prober.env\n');
});

test('the timer looks as often as the script counts on, to the second', () => {
  const timer = file('/etc/systemd/system/reachability-prober.timer');

  expect(timer).toContain(`OnUnitActiveSec=${proberEnvironment(looked()).REACHABILITY_PERIOD_SECONDS}s\n`);
  expect(timer).toContain('AccuracySec=1s\n');
});
