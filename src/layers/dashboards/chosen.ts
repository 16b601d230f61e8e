/** Expressions for the nodes that are chosen on the board. */
import { byNodeOf, UPTIME } from '../promql.js';

const CHOSEN = 'node=~"$node"';

export const ofChosen = (series: string, ...labels: readonly string[]): string => byNodeOf(CHOSEN, series, ...labels);

/** Where nodes go by name already. */
export const CHOSEN_UPTIME = `${UPTIME}{${CHOSEN}}`;
