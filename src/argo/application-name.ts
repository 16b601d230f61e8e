/** What an Application is called in the cluster; `folder` is the one in `dist/` that it syncs. */
import type { Cluster } from '../cluster/cluster.js';

export const applicationName = ({ gitops }: Cluster, folder: string): string => `${gitops.applicationPrefix}${folder}`;
