/** How the series of one node change in a proof. */
import { exporterOf } from '../world/parts/nodes.js';
import { change, type Series, turn, type Values, type World } from '../world/world.js';
import { BREAKS } from './proof.js';

export type Change = (world: World) => World;

/** One after the other. */
export const all =
  (...changes: readonly Change[]): Change =>
  (world) =>
    changes.reduce((before, each) => each(before), world);

/** What node-exporter shows of a node, from one minute to before another. */
export const shows =
  (
    node: string,
    { metric, labels = {} }: Pick<Series, 'metric'> & Partial<Pick<Series, 'labels'>>,
    value: Values | number,
    from = BREAKS,
    to = Number.POSITIVE_INFINITY,
  ): Change =>
  (world) =>
    change(world, { metric, labels: { pod: exporterOf(node).pod, ...labels } }, ({ values }) =>
      turn(from, values, turn(to, typeof value === 'number' ? () => value : value, values)),
    );

/** A file of a node's textfile folder is not written any more from BREAKS on, until another minute. */
export const notWritten =
  (node: string, file: string, until = Number.POSITIVE_INFINITY, from = BREAKS): Change =>
  (world) =>
    change(
      world,
      { metric: 'node_textfile_mtime_seconds', labels: { pod: exporterOf(node).pod, file } },
      ({ values }) =>
        turn(
          from,
          values,
          turn(until, () => values(from - 1), values),
        ),
    );
