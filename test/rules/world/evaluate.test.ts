import { expect, test } from 'vitest';
import { alertNames } from '../../support/alerts.js';
import { homelab } from '../../support/clusters.js';
import { describeWith } from '../../support/tools.js';
import { dark } from '../incidents/events.js';
import { evaluate } from './evaluate.js';
import { healthy } from './healthy.js';
import { notation } from './notation.js';
import { always, change, gap, now, turn } from './world.js';

test('runs of equal steps are folded, and a series that goes away is stale', () => {
  const values = gap(
    4,
    7,
    turn(9, (minute) => 60 * minute, 5),
  );

  expect(notation(values, 12)).toBe('0+60x3 stale _x2 420+60x1 5+0x3');
  expect(notation(always(1), 3)).toBe('1+0x3');
  expect(notation(now(90), 2)).toBe('-90+60x2');
});

describeWith(['promtool'], 'promtool', () => {
  test('says from when until when an alert fired, over more than one window', () => {
    const world = change(
      healthy(homelab()),
      { metric: 'kube_node_spec_unschedulable', labels: { node: 'jarvis' } },
      () => 0,
    );
    const rebooted = change(
      world,
      { metric: 'node_boot_time_seconds', labels: { pod: 'node-exporter-jarvis' } },
      (old) => turn(130, old.values, 130 * 60),
    );

    const found = evaluate(
      homelab(),
      [{ name: 'reboot', world: rebooted, minutes: 300 }],
      ['NodeUnexpectedReboot'],
    ).get('reboot');

    expect(found?.filter(({ alert }) => alert === 'NodeUnexpectedReboot')).toEqual([
      {
        alert: 'NodeUnexpectedReboot',
        labels: { node: 'jarvis', severity: 'warning' },
        from: 130,
        to: 144,
        minutes: 15,
      },
    ]);
  });

  test('finds among all alerts what each finds by itself', () => {
    const [cluster, well] = [homelab(), healthy(homelab())];
    const away = (minutes: number) => well.map((one) => ({ ...one, values: gap(20, 20 + minutes, one.values) }));
    const cases = [
      { name: 'dark', world: dark('jarvis', 20, cluster)(well), minutes: 45 },
      ...[15, 16].map((minutes) => ({ name: `${minutes}`, world: away(minutes), minutes: 45 })),
    ];

    const [all, each] = [evaluate(cluster, cases), evaluate(cluster, cases, alertNames(cluster))];

    expect(all.get('dark')?.length).toBeGreaterThan(2);
    expect(all.get('15')).not.toEqual(all.get('16'));
    expect(all).toEqual(each);
  });

  test('refuses a change that meets no series', () => {
    expect(() => change(healthy(homelab()), { metric: 'kube_nod_info' }, () => 1)).toThrow(
      'world: expected series {"metric":"kube_nod_info"}, found none',
    );
  });
});
