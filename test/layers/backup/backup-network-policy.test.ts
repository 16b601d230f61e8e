import { expect, test } from 'vitest';
import { homelab } from '../../support/clusters.js';
import { atticWith, BACKUP, FOLDER, find, jobOf, whole } from './backups.js';

const policyTo = (to: object) => find(atticWith({ to: { ...BACKUP.to, ...to } }), 'NetworkPolicy', FOLDER).spec;
const DNS = {
  ports: [
    { protocol: 'UDP', port: 53 },
    { protocol: 'TCP', port: 53 },
  ],
};
const tcp = (port: number) => ({ ports: [{ protocol: 'TCP', port }] });

test.each([FOLDER, `${FOLDER}-drill`])(
  'lets nobody in, and only the connection to the other machine out: %s',
  (name) => {
    const policy = find(homelab(), 'NetworkPolicy', name);

    expect(policy.metadata).toEqual({ name, namespace: 'kube-system' });
    expect(policy.spec).toEqual({
      podSelector: { matchLabels: { 'app.kubernetes.io/name': name } },
      policyTypes: ['Ingress', 'Egress'],
      ingress: [],
      egress: [{ to: [{ ipBlock: { cidr: '10.0.1.11/32' } }], ports: [{ protocol: 'TCP', port: 22 }] }],
    });
  },
);

test.each(['nightly', 'nightly-offsite', 'nightly-drill'])('selects the pod of %s by a label that it has', (name) => {
  expect(jobOf(whole(), name).template.metadata.labels).toEqual({ 'app.kubernetes.io/name': name });
});

test('allows one IPv6 address where that is what the other machine has', () => {
  expect(policyTo({ host: '2001:db8::20', port: 2222 })).toMatchObject({
    egress: [{ to: [{ ipBlock: { cidr: '2001:db8::20/128' } }], ...tcp(2222) }],
  });
});

test('allows DNS only where a machine has to be found by name', () => {
  expect(policyTo({ host: 'vault.lan' })).toMatchObject({ egress: [tcp(22), DNS] });
});

test('allows the ports of the hooks, each once, where there are hooks', () => {
  expect(find(whole(), 'NetworkPolicy', 'nightly').spec).toMatchObject({
    egress: [
      { to: [{ ipBlock: { cidr: '192.0.2.20/32' } }], ...tcp(22) },
      tcp(8123),
      { to: [{ ipBlock: { cidr: '192.0.2.40/32' } }], ...tcp(443) },
      DNS,
    ],
  });
  expect(find(whole(), 'NetworkPolicy', 'nightly-offsite').spec).toMatchObject({
    egress: [tcp(2222), tcp(8123), { to: [{ ipBlock: { cidr: '192.0.2.40/32' } }], ...tcp(443) }, DNS],
  });
});

test('allows the drill no hook', () => {
  expect(find(whole(), 'NetworkPolicy', 'nightly-drill').spec).toMatchObject({
    egress: [{ to: [{ ipBlock: { cidr: '192.0.2.20/32' } }], ...tcp(22) }],
  });
});
