/** Cases put before promtool, all in one call. */
import { type Groups, recordingsFirst } from './needed-rules.js';
import { inputSeries } from './notation.js';
import { promtool } from './promtool.js';
import type { World } from './world.js';

export interface RuleCase {
  readonly world: World;
  readonly minutes: number;
  readonly groups: Groups;

  /** How far the evaluations of the groups are from each other. */
  readonly everyMinutes: number;
}

export interface Query {
  readonly minute: number;
  readonly expr: string;
}

/** What promtool says. It expects nothing, so whatever a query finds is a failure for it: that is how it tells. */
export function runCases(
  cases: readonly RuleCase[],
  queriesOf: (one: RuleCase, index: number) => readonly Query[],
): string {
  if (cases.length === 0) return '';
  const files = cases.flatMap((one, index): readonly (readonly [string, unknown])[] => {
    const groups = recordingsFirst(one.groups);
    const test = {
      rule_files: [`rules-${index}.yaml`],
      evaluation_interval: `${one.everyMinutes}m`,
      // Otherwise by chance: what reads a recording would now and then be a minute late.
      group_eval_order: groups.map(({ name }) => name),
      tests: [
        {
          interval: '1m',
          input_series: one.world.map((each) => inputSeries(each, one.minutes).input),
          promql_expr_test: queriesOf(one, index).map(({ minute, expr }) => ({ eval_time: `${minute}m`, expr })),
        },
      ],
    };
    return [
      [`rules-${index}.yaml`, { groups }],
      [`case-${index}.yaml`, test],
    ];
  });
  const { status, output } = promtool(
    // JSON is YAML, and quicker to write.
    new Map(files.map(([name, content]) => [name, JSON.stringify(content)])),
    'test',
    'rules',
    ...cases.map((_, index) => `case-${index}.yaml`),
  );
  const ownWords = output.replaceAll(/expr: "(?:[^"\\]|\\.)*"/g, '').replaceAll(/\{[^{}]*\}/g, '');
  if (status === null || /\berr:|\berror|panic/.test(ownWords))
    throw new Error(`promtool: expected the cases to be evaluated, got ${output.slice(0, 2000)}`);
  return output;
}
