/** Reads what node-bootstrap last reported of each described host, from the log of its pod there. */
import type { Cluster, HostGroup } from '../cluster/cluster.js';
import type { KubeApi } from '../live/kube-api.js';
import { at, listAt, textAt } from '../manifest/json.js';
import type { Answer, Failure, LiveObject } from '../manifest/live-object.js';
import type { KindName } from '../ops/check/facts.js';
import { type HostReport, readHostReport } from '../ops/check/host-report.js';
import type { Until } from './check-facts.js';

/** The container that looks at its host again and again. */
const CONTAINER = 'watch';

/** A report is a line; between two of them stands what changed on the host. */
const TAIL = 200;

interface Asked {
  readonly cluster: Cluster;
  readonly lists: ReadonlyMap<KindName, Promise<Answer<readonly LiveObject[]>>>;
  readonly now: Promise<Answer<number>>;
}

type Reports = ReadonlyMap<string, Promise<Answer<HostReport>>>;

export function gatherHostReports(api: KubeApi, { cluster, lists, now }: Asked, until: Until): Reports {
  return new Map(
    cluster.nodes.map(({ name }) => {
      const report = async (): Promise<Answer<HostReport>> => {
        const group = cluster.hosts.find(({ nodes }) => nodes.some((each) => each.name === name));
        if (group === undefined) return cannotTell(name, 'no host is described there, so nothing reports of it');
        const [nodes, pods, time] = [await lists.get('nodes'), await lists.get('pods'), await now];
        if (!nodes?.ok) return nodes ?? cannotTell(name, 'nodes were not listed');
        if (!pods?.ok) return pods ?? cannotTell(name, 'pods were not listed');
        if (!time.ok) return time;
        const node = nodes.value.find(({ metadata }) => metadata.name === name);
        if (node === undefined) return cannotTell(name, 'there is no such node');
        const pod = pods.value.find((each) => isOf(group, each) && at(each.spec, 'nodeName') === name);
        if (pod === undefined) return cannotTell(name, `it has no pod of ${group.name}, which would say it`);
        const { namespace = 'default' } = pod.metadata;
        const log = await until(
          `log of ${pod.metadata.name}`,
          api.log({ namespace, name: pod.metadata.name }, { container: CONTAINER, tailLines: TAIL }),
        );
        if (!log.ok) return log;
        const bootId = textAt(node.status, 'nodeInfo', 'bootID') ?? '';
        return readHostReport(log.value, { node: name, bootId, now: time.value, every: group.driftCheck });
      };
      return [name, report()] as const;
    }),
  );
}

const isOf = ({ name }: HostGroup, { metadata }: LiveObject): boolean =>
  metadata.deletionTimestamp === undefined &&
  listAt(metadata, 'ownerReferences').some((owner) => at(owner, 'kind') === 'DaemonSet' && at(owner, 'name') === name);

function cannotTell(node: string, why: string): Answer<never> {
  const failure: Failure = { kind: 'server', message: `host ${node}: ${why}` };
  return { ok: false, failure };
}
