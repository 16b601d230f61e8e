import { describe, expect, test } from 'vitest';
import { noSecretData } from '../../../src/guardrails/rules/no-secret-data.js';
import { configMap, cronJob, deployment, findings, foundIn, helmApplication, manifest, pod } from '../examples.js';

// Put together here, so that no scanner takes this file for a leak.
const PEM = `-----BEGIN OPENSSH ${'PRIVATE KEY'}-----\nb3BlbnNzaC1rZXktdjEAAAAA\n`;
const TOKENS = {
  'a private key': PEM,
  'a private key in base64': `key: ${Buffer.from(PEM + PEM).toString('base64')}`,
  "AWS's key id": `id=AK${'IA'}ABCDEFGHIJKLMNOP`,
  "GitHub's token": `gh${'p_'}${'a1B2'.repeat(9)}`,
  "GitLab's token": `gl${'pat-'}${'a1B2'.repeat(5)}`,
  'a JSON web token': `ey${'JhbGciOiJIUzI1'}.ey${'JzdWIiOiIxMjM0'}.c2lnbmF0dXJl`,
  'a password in a URL': 'postgres://app:hunter2@db.lan/app',
};

describe('no-secret-data', () => {
  test('refuses a Secret with data or stringData', () => {
    expect(
      foundIn(noSecretData, [manifest('v1', 'Secret', 's', { data: { a: 'YQ==' }, stringData: { b: 'b' } })]),
    ).toEqual([
      'Secret tools/s, data.a: expected a reference to a Secret, got what looks like its content (not shown)',
      'Secret tools/s, stringData.b: expected a reference to a Secret, got what looks like its content (not shown)',
    ]);
  });

  test.each(Object.entries(TOKENS))('refuses %s anywhere, and does not repeat it', (_, value) => {
    const found = findings(noSecretData, [configMap({ settings: value })]);

    expect(found).toHaveLength(1);
    expect(JSON.stringify(found)).not.toContain(value.slice(-10));
  });

  test('refuses a password in the environment or in the values of a chart', () => {
    const objects = [
      deployment(pod({}, { env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] })),
      helmApplication({ grafana: { adminPassword: 'hunter2' } }),
    ];

    expect(findings(noSecretData, objects).map(({ where }) => where)).toEqual([
      "Deployment tools/thing, container 'main', env DB_PASSWORD",
      'Application argocd/selfheal-monitoring, Helm values, grafana.adminPassword',
    ]);
  });

  test('accepts references, public keys and words', () => {
    const objects = [
      manifest('v1', 'Secret', 'empty', { type: 'Opaque' }),
      cronJob(
        {},
        pod(
          { volumes: [{ name: 'k', secret: { secretName: 'ssh', defaultMode: 0o400 } }] },
          {
            env: [
              { name: 'BACKUP_KEY', value: '/ssh-key/id' },
              { name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'password' } } },
              { name: 'TOKEN_FILE', value: '/var/run/token' },
            ],
          },
        ),
      ),
      configMap({
        known_hosts: 'nas.lan ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPF3wCxAKmrZ0J3jMQCYfn3BjexVcO4ReLeSYaAnrKBV',
      }),
      configMap({ url: 'https://git.example/attic.git ssh://git@git.example/attic.git nfs://192.0.2.9:/b' }),
      helmApplication({ grafana: { admin: { existingSecret: 'grafana-admin', passwordKey: 'password' } } }),
    ];

    expect(foundIn(noSecretData, objects)).toEqual([]);
  });
});
