/** Whether each Jiva volume has its quorum, and would keep it without the node that is to go down. */
import { textAt } from '../../../manifest/json.js';
import { type LiveObject, nameOf, refOf } from '../../../manifest/live-object.js';
import { counted } from '../../words.js';
import type { HealthCheck } from '../facts.js';
import { NO_JIVA_QUORUM } from '../incidents.js';
import { type JivaReplicas, jivaVolumes, replicasOf } from '../jiva.js';
import type { CheckResult } from '../result.js';
import { saying } from '../saying.js';

const ID = 'jiva-volumes';
const say = saying(ID);

export const jivaVolumesCheck: HealthCheck = {
  id: ID,
  summary: 'Jiva volumes with a quorum of their replicas, also without the node that is to go down',
  asks: ['pods', 'jivaVolumes', 'jivaVolumesV1'],
  applies: ({ jiva }) => jiva !== null,
  answer: ({ cluster: { jiva }, node, of }) => {
    if (jiva === null) return [];
    const subject = `Jiva volumes in ${jiva.namespace}`;
    const [pods, volumes] = [of('pods'), jivaVolumes(of)];
    if (!volumes.ok) return [say.unknown(subject, volumes.failure)];
    if (!pods.ok) return [say.unknown(subject, pods.failure)];
    const its = volumes.value.filter(({ metadata }) => metadata.namespace === jiva.namespace);
    if (its.length === 0)
      return [say.unknown(subject, `there is no JivaVolume in ${jiva.namespace}, and the description counts on Jiva`)];
    const judged = its.map((volume) => {
      const replicas = replicasOf(volume, pods.value, jiva.replicas);
      return { volume, replicas, result: judge(volume, replicas, node) };
    });
    const wrong = judged.flatMap(({ result }) => (result === null ? [] : [result]));
    if (wrong.length > 0) return wrong;
    const without = node === null ? '' : ` without ${node}`;
    return [say.pass(subject, `${counted(its.length, 'volume')}, each with a quorum${without}`)];
  },
};

/** Null: all is well. */
function judge(volume: LiveObject, replicas: JivaReplicas, node: string | null): CheckResult | null {
  const { metadata, status } = volume;
  const subject = nameOf(refOf(volume));
  const next = `kubectl -n ${metadata.namespace} get pods -o wide -l openebs.io/persistent-volume=${textAt(volume.spec, 'pv') ?? metadata.name}`;
  const phase = textAt(status, 'phase') || 'no phase';
  if (metadata.deletionTimestamp !== undefined || phase === 'Deleting') return null;
  const { wanted, quorum, healthy, rebuilding } = replicas;
  const fail = (expected: string, found: string): CheckResult =>
    say.fail(subject, { expected, found, next, incident: NO_JIVA_QUORUM });

  if (phase === 'Failed' || phase === 'Pending') return fail('a volume that is provisioned', `phase ${phase}`);
  const mode = textAt(status, 'status') || 'nothing';
  // The operator empties what it knew when the controller did not answer it.
  if (mode !== 'RW' && mode !== 'RO')
    return say.unknown(
      subject,
      `its controller told the operator ${mode} (phase ${phase}): nobody knows its replicas`,
      next,
    );

  const placed = healthy.filter((where) => where !== null && where !== node).length;
  const unplaced = healthy.filter((where) => where === null).length;
  const of = `of ${wanted}, ${quorum} of them a quorum`;
  const where = node === null ? '' : ` elsewhere than on ${node}`;
  if (placed + unplaced < quorum)
    return fail(`${counted(quorum, 'healthy replica')}${where}`, `${placed + unplaced} ${of}; status ${mode}`);
  if (mode === 'RO')
    return fail('a volume that can be written', `status RO with ${healthy.length} healthy replicas ${of}`);
  if (placed < quorum)
    return say.unknown(
      subject,
      `of ${counted(unplaced, 'healthy replica')} nobody can say on which node: no pod has the address that the JivaVolume names`,
      next,
    );
  if (rebuilding > 0)
    return fail(
      'no replica that is being filled',
      `${rebuilding} in mode WO: let it finish, it begins anew when its peers go`,
    );
  if (node === null && placed + unplaced < wanted)
    return fail(`${counted(wanted, 'healthy replica')}`, `${placed + unplaced} ${of}`);
  return null;
}
