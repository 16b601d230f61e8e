/** A real Prometheus that remembers a world: its series, what the rules recorded of them, and which alerts fired when. */
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { freeAddress, LoopbackServer } from '../../host/loopback-server.js';
import { rulesOf } from '../../support/alerts.js';
import { evaluate } from '../world/evaluate.js';
import { SELDOM_COLLECTED } from '../world/promtool.js';
import { type Series, series, type World } from '../world/world.js';

export interface Answer {
  readonly metric: Readonly<Record<string, string>>;

  /** Seconds and values; a single one of an instant query. */
  readonly values: readonly (readonly [number, number])[];
}

type Found = { readonly metric: Answer['metric'] } & (
  | { readonly value: readonly [number, string] }
  | { readonly values: readonly (readonly [number, string])[] }
);

export class RecordedDay extends LoopbackServer {
  /** From minute 0 to the last one. */
  static async of(cluster: Cluster, world: World, minutes: number): Promise<RecordedDay> {
    const raw = await RecordedDay.remembering(world, minutes);
    const recorded = await raw.recorded(cluster, minutes).finally(() => raw.destroy());
    return RecordedDay.remembering([...world, ...recorded, ...firing(cluster, world, minutes)], minutes);
  }

  private static async remembering(world: World, minutes: number): Promise<RecordedDay> {
    const day = new RecordedDay(await freeAddress());
    writeFileSync(join(day.folder, 'config'), '{}');
    writeFileSync(join(day.folder, 'samples'), openMetrics(world, minutes));
    const { status, stderr } = spawnSync(
      'promtool',
      ['tsdb', 'create-blocks-from', 'openmetrics', '-q', 'samples', 'data'],
      { cwd: day.folder, encoding: 'utf8', env: { ...process.env, ...SELDOM_COLLECTED } },
    );
    if (status !== 0) {
      await day.destroy();
      throw new Error(`promtool: expected to make blocks of the day, got ${stderr}`);
    }
    await day.start(
      [
        'prometheus',
        '--config.file=config',
        '--storage.tsdb.path=data',
        '--storage.tsdb.retention.time=100y',
        // What is not in a minute is gone, as after a scrape that does not find it any more.
        '--query.lookback-delta=90s',
        `--web.listen-address=${day.address}`,
        '--log.level=warn',
      ],
      '/-/ready',
    );
    return day;
  }

  async instant(query: string, time: number): Promise<readonly Answer[]> {
    return this.ask('query', { query, time: String(time) });
  }

  async range(query: string, start: number, end: number, step: number): Promise<readonly Answer[]> {
    return this.ask('query_range', { query, start: String(start), end: String(end), step: String(step) });
  }

  private async ask(what: string, parameters: Readonly<Record<string, string>>): Promise<readonly Answer[]> {
    const answer = await this.get(`/api/v1/${what}?${new URLSearchParams(parameters)}`);
    return (answer as { data: { result: readonly Found[] } }).data.result.map((found) => ({
      metric: found.metric,
      values: ('values' in found ? found.values : [found.value]).map(([time, value]) => [time, Number(value)] as const),
    }));
  }

  private async recorded(cluster: Cluster, minutes: number): Promise<World> {
    const records = rulesOf(cluster).filter(({ record }) => record !== undefined);
    const answers = await Promise.all(
      records.map(async ({ record = '', expr }) =>
        (await this.range(expr, 0, minutes * 60, 60)).map(({ metric: { __name__: _, ...labels }, values }) => {
          const byMinute = new Map(values.map(([time, value]) => [time / 60, value]));
          return series(record, labels, (minute) => byMinute.get(minute) ?? null);
        }),
      ),
    );
    return answers.flat();
  }
}

/** Prometheus writes these two for each alert, but not for the past: promtool says what they were. */
function firing(cluster: Cluster, world: World, minutes: number): readonly Series[] {
  const fired = evaluate(cluster, [{ name: 'day', world, minutes }]).get('day') ?? [];
  return fired.flatMap(({ alert, labels, from, to }) => {
    const during = (value: number) => (minute: number) => (minute >= from && minute <= to ? value : null);
    return [
      series('ALERTS', { ...labels, alertname: alert, alertstate: 'firing' }, during(1)),
      series('ALERTS_FOR_STATE', { ...labels, alertname: alert }, during(from * 60)),
    ];
  });
}

function openMetrics(world: World, minutes: number): string {
  const lines: string[] = [];
  for (const { metric, labels, values } of world) {
    const name = `${metric}{${Object.entries(labels)
      .map(([label, value]) => `${label}=${JSON.stringify(value)}`)
      .join(',')}}`;
    for (let minute = 0; minute <= minutes; minute++) {
      const value = values(minute);
      if (value !== null) lines.push(`${name} ${value} ${minute * 60}`);
    }
  }
  return `${lines.join('\n')}\n# EOF\n`;
}
