/** A whole week without trouble: nobody is told anything. One file for each cluster, so that they run side by side. */
import { expect, test } from 'vitest';
import { pvek8s } from '../support/clusters.js';
import { describeWith } from '../support/tools.js';
import { evaluate } from './world/evaluate.js';
import { WEEK, week } from './world/week.js';

describeWith(['promtool'], 'by promtool', () => {
  test('a week of pvek8s sets off nothing', () => {
    const world = week(pvek8s());

    // Each second minute: a week is long, and no alert is gone again after one.
    const found = evaluate(pvek8s(), [{ name: 'week', world, minutes: WEEK }], undefined, 2);

    expect(world.length).toBeGreaterThan(100);
    expect(found.get('week')).toEqual([]);
  });
});
