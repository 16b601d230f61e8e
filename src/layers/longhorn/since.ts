/** What Longhorn exports since which version. */
import type { Longhorn } from '../../cluster/cluster.js';
import { isAtLeast, sourceOf } from '../metric-sources.js';

export const isExported = ({ version }: Longhorn, metric: string): boolean =>
  isAtLeast(version, sourceOf(metric).since);
