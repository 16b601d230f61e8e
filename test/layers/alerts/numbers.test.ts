/** Each number of a text is a number of its rule: whoever changes one of them changes the other. */
import { expect, test } from 'vitest';
import { ALERTED, rulesOf } from '../../support/alerts.js';

type Rule = ReturnType<typeof rulesOf>[number];

/** Numbers that no expression holds: by alert, with the reason. */
const ELSEWHERE: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  // The metric says how many are ready, the description of the cluster how many there should be.
  JivaVolumeWithoutQuorum: { 3: 'the replicas of a volume' },
  RcuStallsChronic: {
    '30 hours': 'how long April 6 to 8 lasted',
    '6 hours': 'the window in which the watchdog itself counts',
    '15 minutes': 'the window in which the timer form counts',
  },
};

const SECONDS: Readonly<Record<string, number>> = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 };

const alerts = [...ALERTED].flatMap(([cluster, make]) => {
  const rules = rulesOf(make());
  return rules.flatMap((rule) => (rule.alert === undefined ? [] : [{ name: `${cluster}/${rule.alert}`, rule, rules }]));
});

/** As they are read: "26 hours", "2 percent", "5". Not what Prometheus puts in, and no address, version or name. */
const said = ({ annotations }: Rule): readonly string[] => {
  const text = `${annotations?.summary} ${annotations?.description}`.replaceAll(/\{\{[^}]*\}\}/g, '…');
  return [...text.matchAll(/(?<![\w.:-])\d+(?![\w:-]|\.\d)(?: (?:seconds?|minutes?|hours?|days?|percent)\b)?/g)].map(
    ([found]) => found,
  );
};

/** What a number may be in an expression: as it stands, in seconds, as a share of one. */
function meant(text: string): number {
  const [count = '', unit = ''] = text.split(' ');
  return unit === 'percent' ? Number(count) / 100 : Number(count) * (SECONDS[unit.charAt(0)] ?? 1);
}

/** Of the rule, and of what is recorded for it. Durations in seconds; nothing out of a selector. */
function asked({ expr, for: lasting = '' }: Rule, rules: readonly Rule[]): ReadonlySet<number> {
  const recorded = rules.filter(({ record }) => record !== undefined && expr.includes(record));
  const text = [expr, lasting, ...recorded.map((rule) => rule.expr)].join('\n').replaceAll(/"[^"]*"/g, '');
  return new Set(
    [...text.matchAll(/(?<!\w)((?:\d+[smhdw])+|\d+(?:\.\d+)?)(?![\w.])/g)].map(([, number = '']) =>
      [...number.matchAll(/(\d+(?:\.\d+)?)([smhdw]?)/g)].reduce(
        (sum, [, count, unit = '']) => sum + Number(count) * (SECONDS[unit] ?? 1),
        0,
      ),
    ),
  );
}

const strangers = (rule: Rule, rules: readonly Rule[]): readonly string[] =>
  said(rule).filter((number) => !asked(rule, rules).has(meant(number)));

test('there are numbers to look at', () => {
  expect(alerts.flatMap(({ rule }) => said(rule)).length).toBeGreaterThan(100);
});

test.each([
  ['26 hours', '> 93600', ''],
  ['15 minutes', 'x == 0', '15m'],
  ['90 minutes', 'changes(x[1h30m]) > 0', ''],
  ['2 percent', 'x > 0.02', ''],
])('"%s" is seen in "%s" for "%s", and nothing near it', (text, expr, lasting) => {
  const rule = (summary: string): Rule => ({
    expr: `${expr} and on (node) x1{name="7h"}`,
    ...(lasting !== '' && { for: lasting }),
    annotations: {
      summary,
      description: 'On 10.0.0.11:9115, since 1.8.0: {{ $value | printf "%.0f" }}.',
      runbook_url: '',
    },
  });

  expect(strangers(rule(`For ${text}.`), [])).toEqual([]);
  expect(strangers(rule(`For ${text.replace(/\d+/, (count) => `${Number(count) + 1}`)}.`), [])).toHaveLength(1);
  expect(strangers(rule('For 7 hours.'), [])).toEqual(['7 hours']);
});

test.each(alerts)('$name says no number that it does not ask', ({ rule, rules }) => {
  const known = ELSEWHERE[rule.alert ?? ''] ?? {};

  expect(strangers(rule, rules).filter((number) => known[number] === undefined)).toEqual([]);
});

test('each exception is still needed', () => {
  const needed = alerts.flatMap(({ rule, rules }) => strangers(rule, rules).map((number) => `${rule.alert} ${number}`));
  const excepted = Object.entries(ELSEWHERE).flatMap(([alert, numbers]) =>
    Object.keys(numbers).map((number) => `${alert} ${number}`),
  );

  expect(excepted.filter((one) => !needed.includes(one))).toEqual([]);
});
