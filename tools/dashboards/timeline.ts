/** A row for each series, with a bar while it is there. */
import { type Asked, type Look, legend } from '../../test/rules/dashboards/grafana.js';
import { clock, hours } from './graph.js';
import { colourNamed, escaped } from './values.js';

const LEFT = 250;

export function drawTimeline(
  asked: readonly Asked[],
  { width, height }: { readonly width: number; readonly height: number },
  look: Look,
): string {
  const rows = asked
    .flatMap(({ target, answers }) => answers.map(({ metric, values }) => ({ name: legend(target, metric), values })))
    .sort((a, b) => (a.values[0]?.[0] ?? 0) - (b.values[0]?.[0] ?? 0));
  const x = (time: number) => LEFT + ((time - look.from) / (look.to - look.from)) * (width - LEFT - 6);
  const high = Math.min(26, (height - 20) / Math.max(1, rows.length));
  const wide = Math.max(3, x(look.from + look.step) - x(look.from));
  return `<svg width="${width}" height="${height}">
${hours(look)
  .map((time) => `<text x="${x(time).toFixed(1)}" y="${height - 4}" text-anchor="middle">${clock(time)}</text>`)
  .join('')}
${rows
  .map(
    ({ name, values }, index) =>
      `<text x="${LEFT - 8}" y="${(index * high + high / 2 + 3).toFixed(1)}" text-anchor="end" style="font-size:11px">${escaped(name)}</text>${values
        .map(
          ([time]) =>
            `<rect x="${x(time).toFixed(1)}" y="${(index * high + 2).toFixed(1)}" width="${wide.toFixed(1)}" height="${(high - 4).toFixed(1)}" fill="${colourNamed('red')}"/>`,
        )
        .join('')}`,
  )
  .join('')}
</svg>`;
}
