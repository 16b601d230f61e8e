/** Lines or bars over time, with the limits dashed and the marks of the board across. */
import { type Asked, type GrafanaPanel, type Look, legend } from '../../test/rules/dashboards/grafana.js';
import { colourNamed, escaped, reading, seriesColour } from './values.js';

/** An annotation at a time, in seconds. */
export interface Mark {
  readonly at: number;
  readonly colour: string;
}

interface Size {
  readonly width: number;
  readonly height: number;
}

const LEFT = 62;

export function drawGraph(
  panel: GrafanaPanel,
  asked: readonly Asked[],
  size: Size,
  marks: readonly Mark[],
  look: Look,
): string {
  const field = panel.fieldConfig.defaults;
  const lines = asked.flatMap(({ target, answers }) =>
    answers.map(({ metric, values }) => ({ name: legend(target, metric), values })),
  );
  const [width, height] = [size.width, size.height - 34];
  const limits = (field.thresholds?.steps ?? []).filter(({ value }) => value !== null);
  const seen = lines.flatMap(({ values }) => values.map(([, value]) => value)).filter(Number.isFinite);
  // A limit that is far above everything would press all else to the floor.
  const near = limits.map(({ value }) => value ?? 0).filter((value) => value <= 6 * Math.max(...seen, 0));
  const top = Math.max(...seen, ...near, field.unit === 'percentunit' ? 0.01 : 1) * 1.08;
  const x = (time: number) => LEFT + ((time - look.from) / (look.to - look.from)) * (width - LEFT - 6);
  const y = (value: number) => height - (value / top) * (height - 8);
  const isBars = field.custom?.drawStyle === 'bars';
  const drawn = lines.map(({ values }, index) => {
    const colour = seriesColour(index);
    if (isBars)
      return values
        .filter(([, value]) => value > 0)
        .map(([time, value]) => {
          const wide = (x(look.from + look.step) - x(look.from)) * 0.9;
          return `<rect x="${n(x(time) - wide / 2)}" y="${n(y(value))}" width="${n(wide)}" height="${n(height - y(value))}" fill="${colour}" opacity=".65"/>`;
        })
        .join('');
    return `<path d="${path(values, x, y, look.step)}" fill="none" stroke="${colour}" stroke-width="1.4"/>`;
  });
  return `<svg width="${width}" height="${size.height - 16}">
${ticks(top, field.unit)
  .map((value) => gridLine(value, y, width, field))
  .join('')}
${hours(look)
  .map(
    (time) =>
      `<text x="${n(x(time))}" y="${height + 14}" text-anchor="middle">${clock(time)}</text><line x1="${n(x(time))}" x2="${n(x(time))}" y1="0" y2="${height}" stroke="#23262b"/>`,
  )
  .join('')}
${marks
  .toReversed()
  .map(
    ({ at, colour }) =>
      `<line x1="${n(x(at))}" x2="${n(x(at))}" y1="0" y2="${height}" stroke="${colourNamed(colour)}" stroke-dasharray="4 3"/><path d="M${n(x(at) - 4)} ${height + 2}h8l-4 -6z" fill="${colourNamed(colour)}"/>`,
  )
  .join('')}
${drawn.join('')}
${limits
  .filter(({ value }) => (value ?? 0) <= top)
  .map(
    ({ value, color }) =>
      `<line x1="${LEFT}" x2="${width}" y1="${n(y(value ?? 0))}" y2="${n(y(value ?? 0))}" stroke="${colourNamed(color)}" stroke-dasharray="8 5"/>`,
  )
  .join('')}
</svg><div class="legend">${lines.map(({ name }, index) => `<i style="background:${seriesColour(index)}"></i>${escaped(name)}`).join('')}</div>`;
}

const WHOLE_TIMES = [1, 5, 15, 60, 300, 600, 1800, 3600, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600] as const;

/** Round numbers, each by the unit's own notion of round. */
function ticks(top: number, unit: string | undefined): readonly number[] {
  const least = top / 4;
  const power = 10 ** Math.floor(Math.log10(least));
  const decimal = ([1, 2, 5, 10].find((times) => times * power >= least) ?? 10) * power;
  const step =
    unit === 's'
      ? (WHOLE_TIMES.find((time) => time >= least) ?? decimal)
      : unit === 'bytes'
        ? 2 ** Math.ceil(Math.log2(least))
        : decimal;
  return Array.from({ length: Math.floor(top / step) + 1 }, (_, index) => index * step);
}

const n = (value: number): string => value.toFixed(1);

const gridLine = (
  value: number,
  y: (value: number) => number,
  width: number,
  field: Parameters<typeof reading>[1],
): string =>
  `<line x1="${LEFT}" x2="${width}" y1="${n(y(value))}" y2="${n(y(value))}" stroke="#23262b"/><text x="${LEFT - 5}" y="${n(y(value) + 3)}" text-anchor="end">${escaped(reading(value, { ...field, mappings: [] }).text)}</text>`;

/** Over a gap no line. */
function path(
  values: readonly (readonly [number, number])[],
  x: (time: number) => number,
  y: (value: number) => number,
  step: number,
): string {
  let before = Number.NEGATIVE_INFINITY;
  return values
    .map(([time, value]) => {
      const isNew = time - before > step * 1.5;
      before = time;
      return `${isNew ? 'M' : 'L'}${n(x(time))} ${n(y(value))}`;
    })
    .join('');
}

/** Whole hours within the look, of a long one each third. */
export const hours = (look: Look): readonly number[] =>
  everyHour(look).filter((time) => look.to - look.from < 7 * 3600 || time % (3 * 3600) === 0);

const everyHour = ({ from, to }: Look): readonly number[] =>
  Array.from(
    { length: Math.floor(to / 3600) - Math.ceil(from / 3600) + 1 },
    (_, index) => (Math.ceil(from / 3600) + index) * 3600,
  );

/** Minute 0 of the day is midnight. */
export const clock = (seconds: number): string =>
  [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60].map((part) => String(part).padStart(2, '0')).join(':');
