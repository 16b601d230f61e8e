/** The three boards' names and addresses: each links to the others. */

export type Board = 'health' | 'node' | 'backups';

/** The key in the ConfigMap, without its ending. The sidecar writes all dashboards of all clusters into one folder. */
export const keyOf = (cluster: string, board: Board): string => `${cluster}-${board}`;

/** Grafana takes 40 characters; of a name that is longer the end tells the dashboards of a cluster apart. */
export const uidOf = (cluster: string, board: Board): string => `selfheal-${keyOf(cluster, board)}`.slice(-40);

/** With the same data source and the same time; Grafana puts what it needs into the braces. */
export const addressOf = (cluster: string, board: Board, node: string | null): string =>
  `/d/${uidOf(cluster, board)}?\${datasource:queryparam}&\${__url_time_range}${node === null ? '' : `&var-node=${node}`}`;
