/** A dashboard as it stands in dist, and its queries as Grafana would ask them. */
import type { Answer, RecordedDay } from './recorded-day.js';

export interface GridPos {
  readonly x: number;
  readonly y: number;
  readonly w: number;
  readonly h: number;
}

interface Target {
  readonly refId: string;
  readonly expr: string;
  readonly legendFormat: string;
  readonly instant: boolean;
}

export interface Field {
  readonly unit?: string;
  readonly decimals?: number;
  readonly noValue?: string;
  readonly thresholds?: { readonly steps: readonly { readonly color: string; readonly value: number | null }[] };
  readonly mappings?: readonly { readonly options: Readonly<Record<string, { text: string; color?: string }>> }[];
}

export interface GrafanaPanel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly gridPos: GridPos;
  readonly targets?: readonly Target[];
  readonly fieldConfig: {
    readonly defaults: Field & { readonly custom?: { readonly drawStyle?: string } };
    readonly overrides: readonly {
      readonly matcher: { readonly options: string };
      readonly properties: readonly { readonly id: string; readonly value: unknown }[];
    }[];
  };
  readonly options: { readonly sortBy?: readonly { readonly displayName: string; readonly desc: boolean }[] };
  readonly transformations: readonly {
    readonly id: string;
    readonly options: { readonly renameByName?: Readonly<Record<string, string>> };
  }[];
}

export interface GrafanaDashboard {
  readonly title: string;
  readonly description: string;
  readonly panels: readonly GrafanaPanel[];
  readonly annotations: {
    readonly list: readonly {
      readonly name: string;
      readonly expr: string;
      readonly iconColor: string;
      readonly titleFormat: string;
    }[];
  };
}

export interface Asked {
  readonly target: Target;
  readonly answers: readonly Answer[];
}

/** From when until when somebody looks, and how far the points of a graph are from each other; all in seconds. */
export interface Look {
  readonly from: number;
  readonly to: number;
  readonly step: number;
}

/** Scraped each minute: Grafana's rate interval is four of them at the least. */
const RATE_INTERVAL_SECONDS = 240;

/** With all nodes chosen; what is left of Grafana's variables would be an error that nobody sees. */
export function interpolate(expr: string, nodes: readonly string[]): string {
  const text = expr
    .replaceAll('$__rate_interval', `${RATE_INTERVAL_SECONDS}s`)
    .replaceAll('$node', `(${nodes.join('|')})`);
  const left = /\$(?!\d)[\w{]+/.exec(text);
  if (left !== null) throw new Error(`query '${expr}': expected no variable beside $node, got '${left[0]}'`);
  return text;
}

export const askPanel = (
  day: RecordedDay,
  panel: GrafanaPanel,
  nodes: readonly string[],
  look: Look,
): Promise<Asked[]> =>
  Promise.all(
    (panel.targets ?? []).map(async (target) => {
      const query = interpolate(target.expr, nodes);
      const answers = target.instant
        ? await day.instant(query, look.to)
        : await day.range(query, look.from, look.to, look.step);
      return { target, answers };
    }),
  );

export const legend = ({ legendFormat }: { legendFormat: string }, metric: Answer['metric']): string =>
  legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => metric[label] ?? '').trim();
