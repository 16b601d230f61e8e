/** What the rules of a cluster make of worlds: which alert fired with which labels, from when until when. */
import type { Cluster } from '../../../src/cluster/cluster.js';
import { groupsInDist } from '../../support/alerts.js';
import { everTrue } from './ever-true.js';
import { type Firing, fired } from './fired.js';
import { exprsOf, neededFor } from './needed-rules.js';
import { inputSeries } from './notation.js';
import type { RuleCase } from './run-cases.js';
import type { World } from './world.js';

interface Case {
  readonly name: string;
  readonly world: World;
  readonly minutes: number;
}

/**
 * For each case, by its name, what fired.
 *
 * `only` leaves out other alerts, and what is scraped and recorded for them alone. What an alert does follows from the
 * series that it reads: where they are the same in several cases, it is asked once.
 */
export function evaluate(
  cluster: Cluster,
  cases: readonly Case[],
  only?: readonly string[],
  everyMinutes = 1,
): ReadonlyMap<string, readonly Firing[]> {
  const all = groupsInDist(cluster);
  const alerts = only ?? [...new Set(all.flatMap(({ rules }) => rules.flatMap(({ alert }) => alert ?? [])))];
  const reads = new Map(alerts.map((alert) => [alert, exprsOf(neededFor([alert], all))]));
  const answers = new Map<string, readonly Firing[]>();
  const questions = cases.map((one) => {
    const keys = new Map([...reads].map(([alert, exprs]) => [alert, keyOf(alert, one, exprs)]));
    const open = [...keys].filter(([, key]) => !answers.has(key));
    for (const [, key] of open) answers.set(key, []);
    return { ...one, keys, open };
  });
  const ruleCase = ({ world, minutes, open }: (typeof questions)[number]): RuleCase => {
    const groups = neededFor(
      open.map(([alert]) => alert),
      all,
    );
    return { groups, world: readBy(exprsOf(groups), world), minutes, everyMinutes };
  };
  const asked = questions.filter(({ open }) => open.length > 0);
  const can = only === undefined ? everTrue(asked.map(ruleCase)) : undefined;
  const left = asked
    .map((one, index) => ({ ...one, open: one.open.filter(([alert]) => can?.[index]?.has(alert) ?? true) }))
    .filter(({ open }) => open.length > 0);
  for (const [index, firings] of fired(left.map(ruleCase)).entries())
    for (const [name, key] of left[index]?.open ?? [])
      answers.set(
        key,
        firings.filter(({ alert }) => alert === name),
      );
  return new Map(
    questions.map(({ name, keys }) => [
      name,
      [...keys.values()]
        .flatMap((key) => answers.get(key) ?? [])
        .sort((a, b) => a.from - b.from || (a.alert < b.alert ? -1 : 1)),
    ]),
  );
}

const readBy = (exprs: string, world: World): World => world.filter(({ metric }) => exprs.includes(metric));

/** What the answer follows from. */
const keyOf = (alert: string, { world, minutes }: Case, exprs: string): string =>
  [alert, minutes, ...readBy(exprs, world).map((one) => inputSeries(one, minutes).id)].join(' ');
