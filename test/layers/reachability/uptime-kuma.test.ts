/** The backup as Uptime Kuma 1.23 reads it (`uploadBackup` in its server/server.js). */
import { expect, test } from 'vitest';
import { uptimeKumaBackup } from '../../../src/layers/reachability/uptime-kuma.js';
import { minimal } from '../../support/clusters.js';

const backup = (spec: object = {}) => {
  const { reachability } = minimal({ reachability: spec });
  if (reachability === null) throw new Error('cluster: expected reachability, got null');
  return uptimeKumaBackup(reachability);
};

/** Every field that its import reads and has no default for. `proxyList` may be missing. */
const READ =
  'name description type url method body headers authMethod basic_auth_user basic_auth_pass interval retryInterval hostname maxretries port keyword invertKeyword ignoreTls upsideDown maxredirects accepted_statuscodes dns_resolve_type dns_resolve_server notificationIDList tags active';

test('a node is a ping and a port', () => {
  expect(backup().monitorList.map(({ name, type, hostname, port }) => ({ name, type, hostname, port }))).toEqual([
    { name: 'lamp ping', type: 'ping', hostname: '192.0.2.7', port: null },
    { name: 'lamp SSH', type: 'port', hostname: '192.0.2.7', port: 22 },
  ]);
});

test('has every field that the import reads, and lists where it goes through lists', () => {
  const { version, notificationList, monitorList } = backup();

  expect(version).toMatch(/^1\.23\.\d+$/); // compared with 1.7.0: without one nothing is imported
  expect(notificationList).toEqual([]);
  expect(monitorList.length).toBeGreaterThan(0);
  for (const monitor of monitorList) {
    expect(Object.keys(monitor)).toEqual(expect.arrayContaining(READ.split(' ')));
    expect(monitor).toMatchObject({ active: 1, tags: [], notificationIDList: {}, accepted_statuscodes: ['200-299'] });
  }
});

test.each([
  ['1min', 0],
  ['2min', 2],
  ['5min', 7],
])('with %s of patience it retries %i times', (tolerate, retries) => {
  for (const { maxretries } of backup({ tolerate }).monitorList) expect(maxretries).toBe(retries);
});

test.each(['1min', '2min', '1h'] as const)(
  'has told after %s, though each look may take its whole limit',
  (tolerate) => {
    const { reachability } = minimal({ reachability: { tolerate } });

    for (const { interval, retryInterval, maxretries, timeout } of backup({ tolerate }).monitorList) {
      const told = interval + Number(timeout) + maxretries * (retryInterval + Number(timeout));

      expect(told).toBeLessThanOrEqual(reachability?.tolerate.seconds ?? 0);
      expect(interval).toBeGreaterThanOrEqual(20); // it refuses less
    }
  },
);
