/**
 * A cluster that obeys the API's rules and nothing else: compare and swap, evictions and their budgets, controllers, a
 * scheduler, hosts that boot. It is as far as a roll can be tried in every order; the bench shows the rest.
 */
import { MARK_ANNOTATION, nodePatch, readMark, readRoll } from '../../../src/ops/reboot/names.js';
import type {
  LeaseWrite,
  NodeWrite,
  Seen,
  SeenJob,
  SeenLease,
  SeenNode,
  SeenPod,
  SeenWorkload,
  Taint,
} from '../../../src/ops/reboot/state.js';

interface WorldNode {
  readonly name: string;
  readonly role: SeenNode['role'];
  rv: number;
  ready: boolean;
  boot: number;
  unschedulable: boolean;
  taints: readonly Taint[];
  mark: string | null;
  /** The host goes down at this time, and is back at the other. */
  goesAt: number | null;
  backAt: number | null;
  /** A Job of ours takes it down, and it is not back. */
  goesByUs: boolean;
  /** Cordoned by a person, who has not taken it back. */
  byPerson: boolean;
  seen?: SeenNode;
}

interface WorldWorkload {
  readonly kind: 'Deployment' | 'StatefulSet' | 'DaemonSet';
  readonly name: string;
  desired: number;
  /** A PodDisruptionBudget. */
  readonly minAvailable?: number;
  /** Required anti-affinity. */
  readonly apart?: boolean;
  readonly labels?: ReadonlyMap<string, string>;
  readonly pinned?: string;
  seen?: SeenWorkload;
}

interface WorldPod {
  readonly uid: string;
  readonly workload: WorldWorkload | null;
  readonly name: string;
  node: string | null;
  readyAt: number;
  endsAt: number | null;
  container: number;
  seen?: SeenPod;
}

interface WorldJob {
  readonly node: string;
  readonly uid: string;
  readonly bootId: string;
  readonly roll: string;
  progress: SeenJob['progress'];
  beginsAt: number;
  goneAt: number | null;
}

interface WorldLease {
  rv: number;
  holder: string;
  roll: string | null;
  seen?: SeenLease;
}

/** What goes wrong. */
interface Faults {
  neverBack?: string;
  /** Pods there begin in the new boot, and never become ready. */
  brokenAfterBoot?: string;
  /** Pods there are never begun in the new boot, and nobody says that they are not ready. */
  staleAfterBoot?: string;
  hostRefuses?: string;
  jobNeverBegins?: string;
  apiGone?: readonly [number, number];
  checkFails?: 'before' | 'after' | 'settled';
}

const NAMESPACE = 'shop';
const BOOT_MS = 3_000;
const NO_LABELS: ReadonlyMap<string, string> = new Map();

export class World {
  time = 0;
  readonly nodes = new Map<string, WorldNode>();
  readonly workloads: WorldWorkload[] = [];
  pods: WorldPod[] = [];
  readonly jobs = new Map<string, WorldJob>();
  lease: WorldLease | null = null;
  /** When the Lease was written. */
  readonly leaseWrites: number[] = [];
  leaders: readonly string[] = [];
  faults: Faults = {};
  /** Times that our Job took each host down. */
  readonly reboots = new Map<string, number>();
  evictions: { readonly uid: string; readonly at: number; readonly held: boolean }[] = [];
  /** What must never be, as it was seen. */
  readonly #wrongs = new Set<string>();
  /** Reboots in their order. */
  readonly order: string[] = [];
  #serial = 0;

  get wrongs(): readonly string[] {
    return [...this.#wrongs];
  }

  addNode(name: string, role: SeenNode['role'] = 'worker'): this {
    this.nodes.set(name, {
      ...{ name, role, rv: this.#next(), ready: true, boot: 1, unschedulable: false, taints: [], mark: null },
      ...{ goesAt: null, backAt: null, goesByUs: false, byPerson: false },
    });
    return this;
  }

  addWorkload(workload: WorldWorkload, ...on: readonly string[]): this {
    this.workloads.push(workload);
    for (const node of on) this.#addPod(workload, node, 0);
    return this;
  }

  addBare(name: string, node: string): this {
    this.pods.push({
      ...{ uid: `u${this.#next()}`, workload: null, name, node, readyAt: 0, endsAt: null, container: this.#next() },
    });
    return this;
  }

  node(name: string): WorldNode {
    const node = this.nodes.get(name);
    if (node === undefined) throw new Error(`node '${name}': expected one of the world's`);
    return node;
  }

  personCordons(name: string): void {
    const node = this.node(name);
    Object.assign(node, { unschedulable: true, byPerson: true, rv: this.#next() });
  }

  personUncordons(name: string): void {
    Object.assign(this.node(name), { unschedulable: false, byPerson: false, rv: this.#next() });
  }

  personTakesMark(name: string): void {
    Object.assign(this.node(name), { mark: null, taints: [], unschedulable: false, rv: this.#next() });
  }

  crash(name: string): void {
    this.#goDown(this.node(name));
  }

  get answers(): boolean {
    const { apiGone } = this.faults;
    return apiGone === undefined || this.time < apiGone[0] || this.time >= apiGone[1];
  }

  advance(ms: number): void {
    const until = this.time + ms;
    while (this.time < until) {
      if (this.#isQuiet) {
        this.time = until;
        break;
      }
      this.time = Math.min(this.time + 250, until);
      this.#work();
    }
  }

  /** Nothing is on its way but pods that become ready. */
  get #isQuiet(): boolean {
    if (this.jobs.size > 0 || [...this.nodes.values()].some(({ goesAt, backAt }) => (goesAt ?? backAt) !== null))
      return false;
    return this.pods.every(({ node, endsAt }) => node !== null && endsAt === null);
  }

  look(): Seen {
    return {
      lease: this.#seenLease(),
      nodes: [...this.nodes.values()].map(seenNode),
      pods: this.pods.map((pod) => this.#seenPod(pod)),
      jobs: [...this.jobs.values()].map(({ node, uid, roll, bootId, progress, goneAt }) => ({
        ...{ node, uid, roll, bootId, progress, said: '', going: goneAt !== null },
      })),
      workloads: this.#seenWorkloads(),
      leaders: this.leaders,
    };
  }

  writeLease({ guard, holder, roll }: LeaseWrite): boolean {
    if ((this.lease === null ? null : String(this.lease.rv)) !== guard) return false;
    this.leaseWrites.push(this.time);
    this.lease = { rv: this.#next(), holder, roll: roll === null ? null : JSON.stringify(roll) };
    return this.#changed();
  }

  removeLease(resourceVersion: string): boolean {
    if (String(this.lease?.rv) !== resourceVersion) return false;
    this.lease = null;
    return this.#changed();
  }

  patchNode(write: NodeWrite): boolean {
    const node = this.node(write.node);
    const patch = nodePatch(write);
    if (String(node.rv) !== patch.metadata.resourceVersion) return false;
    const mark = patch.metadata.annotations[MARK_ANNOTATION] ?? null;
    const { spec = {} } = patch;
    Object.assign(node, { mark, rv: this.#next() });
    if ('unschedulable' in spec) node.unschedulable = spec.unschedulable === true;
    if ('taints' in spec) node.taints = spec.taints ?? [];
    return this.#changed();
  }

  /** The budget's words where it holds the pod, null where it goes. */
  evict(uid: string): string | null {
    const pod = this.pods.find((pod) => pod.uid === uid);
    if (pod === undefined) return null;
    const { workload } = pod;
    const ready = this.pods.filter((other) => other.workload === workload && this.#isReady(other)).length;
    const held = workload?.minAvailable !== undefined && ready - 1 < workload.minAvailable;
    this.evictions.push({ uid, at: this.time, held });
    if (!held) pod.endsAt ??= this.time + 1_000;
    this.#changed();
    return held ? "Cannot evict pod as it would violate the pod's disruption budget." : null;
  }

  createJob(node: string, boot: string, roll: string): boolean {
    if (this.jobs.has(node)) return false;
    const never = this.faults.jobNeverBegins === node;
    this.jobs.set(node, {
      ...{ node, uid: `j${this.#next()}`, bootId: boot, roll, progress: 'waiting', goneAt: null },
      beginsAt: never ? Number.POSITIVE_INFINITY : this.time + 500,
    });
    return this.#changed();
  }

  removeJob(node: string, uid: string): boolean {
    const job = this.jobs.get(node);
    if (job?.uid !== uid) return false;
    job.goneAt = this.time + 500;
    job.beginsAt = Number.POSITIVE_INFINITY;
    return this.#changed();
  }

  readyOf(name: string): number {
    return this.pods.filter((pod) => pod.workload?.name === name && this.#isReady(pod)).length;
  }

  #next(): number {
    this.#serial += 1;
    return this.#serial;
  }

  #addPod(workload: WorldWorkload, node: string | null, readyAt: number): void {
    const serial = this.#next();
    this.pods.push({
      ...{ uid: `u${serial}`, workload, name: `${workload.name}-${serial}`, node, readyAt, endsAt: null },
      container: this.#next(),
    });
  }

  #seenLease(): SeenLease | null {
    const { lease } = this;
    if (lease === null) return null;
    lease.seen ??= {
      ...{ uid: 'lease', resourceVersion: String(lease.rv), holder: lease.holder, durationMs: 60_000 },
      roll: readRoll(lease.roll ?? undefined),
    };
    return lease.seen;
  }

  #seenWorkloads(): readonly SeenWorkload[] {
    return this.workloads.map((workload) => {
      const { seen } = workload;
      if (seen?.desired === workload.desired) return seen;
      workload.seen = { kind: workload.kind, namespace: NAMESPACE, name: workload.name, desired: workload.desired };
      return workload.seen;
    });
  }

  /** The same one as long as it is the same: most of the time goes into making them. */
  #seenPod(pod: WorldPod): SeenPod {
    // As an API server has it: a host that went down a moment ago still has ready pods there.
    const ready = pod.node !== null && pod.readyAt <= this.time;
    const terminating = pod.endsAt !== null;
    const container = `c${pod.container}`;
    const { seen } = pod;
    if (
      seen?.ready === ready &&
      seen.node === pod.node &&
      seen.terminating === terminating &&
      seen.containers[0] === container
    )
      return seen;
    const { workload } = pod;
    pod.seen = {
      namespace: NAMESPACE,
      name: pod.name,
      uid: pod.uid,
      node: pod.node,
      labels: workload?.labels ?? NO_LABELS,
      owner: workload === null ? null : { kind: workload.kind, name: workload.name },
      mirror: false,
      completed: false,
      ready,
      terminating,
      unplaced: pod.node === null,
      priority: 0,
      containers: [container],
    };
    return pod.seen;
  }

  #isReady({ node, readyAt, endsAt }: WorldPod): boolean {
    return node !== null && endsAt === null && readyAt <= this.time && this.node(node).backAt === null;
  }

  #work(): void {
    for (const node of this.nodes.values()) this.#host(node);
    for (const job of [...this.jobs.values()]) this.#job(job);
    this.pods = this.pods.filter(({ endsAt, node }) => {
      const stuck = node !== null && this.nodes.get(node)?.backAt !== null;
      return endsAt === null || endsAt > this.time || stuck;
    });
    for (const workload of this.workloads) this.#control(workload);
    this.#schedule();
    this.#changed();
  }

  #host(node: WorldNode): void {
    if (node.goesAt !== null && node.goesAt <= this.time) this.#goDown(node);
    if (node.backAt !== null && node.backAt - BOOT_MS + 1_500 <= this.time && node.ready) {
      Object.assign(node, { ready: false, rv: this.#next() });
    }
    if (node.backAt === null || node.backAt > this.time) return;
    Object.assign(node, { backAt: null, goesByUs: false, ready: true, boot: node.boot + 1, rv: this.#next() });
    for (const pod of this.pods.filter((pod) => pod.node === node.name)) {
      // Their status is of the old boot for a moment longer.
      if (this.faults.brokenAfterBoot === node.name) pod.readyAt = Number.POSITIVE_INFINITY;
      if (this.faults.staleAfterBoot !== node.name) pod.container = this.#next();
    }
  }

  #goDown(node: WorldNode): void {
    node.goesAt = null;
    node.backAt = this.faults.neverBack === node.name ? Number.POSITIVE_INFINITY : this.time + BOOT_MS;
    if (node.backAt === Number.POSITIVE_INFINITY) Object.assign(node, { ready: false, rv: this.#next() });
  }

  #job(job: WorldJob): void {
    const node = this.node(job.node);
    if (job.goneAt !== null && job.goneAt <= this.time) this.jobs.delete(job.node);
    if (job.progress !== 'waiting' || job.beginsAt > this.time || node.backAt !== null || job.goneAt !== null) return;
    const refuses = this.faults.hostRefuses === job.node || job.bootId !== bootId(node);
    job.progress = refuses ? 'refused' : 'begun';
    if (refuses) return;
    Object.assign(node, { goesAt: this.time + 500, goesByUs: true });
    this.reboots.set(node.name, (this.reboots.get(node.name) ?? 0) + 1);
    this.order.push(node.name);
    if (node.mark === null || !node.unschedulable) this.#wrongs.add(`${node.name} reboots without mark or cordon`);
    const busy = this.pods.filter((pod) => pod.node === node.name && pod.workload?.kind !== 'DaemonSet');
    for (const pod of busy) {
      if (pod.workload?.labels?.get('protected') !== 'yes') this.#wrongs.add(`${node.name} reboots under ${pod.name}`);
    }
  }

  #control(workload: WorldWorkload): void {
    if (workload.kind === 'DaemonSet') return;
    const counts = ({ workload: own, endsAt }: WorldPod) =>
      own === workload && (workload.kind === 'StatefulSet' || endsAt === null);
    const missing = workload.desired - this.pods.filter(counts).length;
    for (let made = 0; made < missing; made += 1) this.#addPod(workload, null, Number.POSITIVE_INFINITY);
  }

  #schedule(): void {
    for (const pod of this.pods.filter(({ node }) => node === null)) {
      const fits = [...this.nodes.values()].find((node) => this.#fits(pod, node));
      if (fits === undefined) continue;
      pod.node = fits.name;
      pod.readyAt = this.time + 2_000;
    }
  }

  #fits({ workload }: WorldPod, node: WorldNode): boolean {
    if (node.unschedulable || !node.ready || node.backAt !== null) return false;
    if (workload?.pinned !== undefined && workload.pinned !== node.name) return false;
    return workload?.apart !== true || !this.pods.some((pod) => pod.workload === workload && pod.node === node.name);
  }

  /** After each change: what must hold at every instant. */
  #changed(): true {
    const nodes = [...this.nodes.values()];
    const ours = nodes.filter(({ mark, goesAt, name }) => mark !== null || goesAt !== null || this.#underWay(name));
    if (ours.length > 1) this.#wrongs.add(`two at once: ${ours.map(({ name }) => name).join(', ')}`);
    for (const { name, unschedulable, mark, byPerson, goesByUs } of nodes) {
      if (goesByUs && mark === null) this.#wrongs.add(`${name} is going down, and its mark is off`);
      if (unschedulable && mark === null && !byPerson) this.#wrongs.add(`${name} is cordoned without a mark`);
      if (byPerson && !unschedulable) this.#wrongs.add(`${name} was uncordoned, which a person had cordoned`);
      if ((this.reboots.get(name) ?? 0) > 1) this.#wrongs.add(`${name} was rebooted twice`);
    }
    for (const { kind, desired, name, labels } of this.workloads) {
      if (kind === 'DaemonSet' || desired < 2 || labels?.has('protected') || labels?.has('unkept')) continue;
      if (this.time > 0 && this.readyOf(name) < 1) this.#wrongs.add(`${name} has no ready pod at ${this.time}`);
    }
    return true;
  }

  #underWay(name: string): boolean {
    const job = this.jobs.get(name);
    return job?.progress === 'begun' && job.bootId === bootId(this.node(name));
  }
}

const bootId = ({ name, boot }: WorldNode): string => `${name}-boot-${boot}`;

/** Each change of a node is another version of it. */
function seenNode(node: WorldNode): SeenNode {
  const resourceVersion = String(node.rv);
  if (node.seen?.resourceVersion === resourceVersion) return node.seen;
  node.seen = {
    ...{ name: node.name, resourceVersion, role: node.role, ready: node.ready },
    ...{ bootId: bootId(node), unschedulable: node.unschedulable },
    ...{ taints: node.taints, mark: readMark(node.mark ?? undefined) },
  };
  return node.seen;
}
