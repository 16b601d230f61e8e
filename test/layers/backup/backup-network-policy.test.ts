import { expect, test } from 'vitest';
import { homelab, MINIMAL_SPEC, objectsOf, parsed } from '../../support/clusters.js';

const policyTo = (to: object) =>
  objectsOf(
    parsed({
      ...MINIMAL_SPEC,
      backup: {
        from: 'lamp',
        to: {
          host: '192.0.2.20',
          user: 'keeper',
          path: '/copies/attic',
          hostKey: 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPF3wCxAKmrZ0J3jMQCYfn3BjexVcO4ReLeSYaAnrKBV',
          ...to,
        },
        at: '04:45',
        bandwidthLimitKibPerSecond: 800,
        keySecret: { name: 'copy-key', key: 'id' },
      },
    }),
    'local-path-backup',
  ).find(({ kind }) => kind === 'NetworkPolicy')?.spec;

test('lets nobody in, and only the connection to the other machine out', () => {
  const policy = objectsOf(homelab(), 'local-path-backup').find(({ kind }) => kind === 'NetworkPolicy');

  expect(policy?.metadata).toEqual({ name: 'local-path-backup', namespace: 'kube-system' });
  expect(policy?.spec).toEqual({
    podSelector: { matchLabels: { 'app.kubernetes.io/name': 'local-path-backup' } },
    policyTypes: ['Ingress', 'Egress'],
    ingress: [],
    egress: [{ to: [{ ipBlock: { cidr: '10.0.1.11/32' } }], ports: [{ protocol: 'TCP', port: 22 }] }],
  });
});

test('selects the pod of the backup by a label that the pod has', () => {
  const cronJob = objectsOf(homelab(), 'local-path-backup').find(({ kind }) => kind === 'CronJob');

  expect(cronJob?.spec).toMatchObject({
    jobTemplate: { spec: { template: { metadata: { labels: { 'app.kubernetes.io/name': 'local-path-backup' } } } } },
  });
});

test('allows one IPv6 address where that is what the other machine has', () => {
  expect(policyTo({ host: '2001:db8::20', port: 2222 })).toMatchObject({
    egress: [{ to: [{ ipBlock: { cidr: '2001:db8::20/128' } }], ports: [{ protocol: 'TCP', port: 2222 }] }],
  });
});

test('allows DNS only where the other machine has to be found by name', () => {
  expect(policyTo({ host: 'vault.lan' })).toMatchObject({
    egress: [
      { ports: [{ protocol: 'TCP', port: 22 }] },
      {
        ports: [
          { protocol: 'UDP', port: 53 },
          { protocol: 'TCP', port: 53 },
        ],
      },
    ],
  });
});
