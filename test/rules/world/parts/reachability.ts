/** What the prober outside the cluster is told by each node. */
import type { Cluster } from '../../../../src/cluster/cluster.js';
import { REACHABILITY_JOB } from '../../../../src/layers/reachability/job.js';
import { series, type World } from '../world.js';

export const reachability = ({ reachability: asked, nodes }: Cluster): World =>
  asked === null || asked.prober === null
    ? []
    : nodes.flatMap(({ name }) =>
        ['reachability-icmp', 'reachability-ssh'].map((probe) =>
          series('probe_success', { job: REACHABILITY_JOB, node: name, instance: name, probe }, 1),
        ),
      );
