/** One process of `selfheal reboot --apply` in the world: it looks, decides, and makes one write, in separate halves. */
import type { CheckResult } from '../../../src/ops/check/result.js';
import { nextClosingStep } from '../../../src/ops/reboot/closing.js';
import { nextStep } from '../../../src/ops/reboot/next-step.js';
import type { Ask, Checked, End, RollOptions, RollState, Step, Try } from '../../../src/ops/reboot/state.js';
import { nextUndoStep } from '../../../src/ops/reboot/undo-step.js';
import { NOTHING_WATCHED, watch } from '../../../src/ops/reboot/watch.js';
import type { World } from './world.js';

export const OPTIONS: RollOptions = {
  ...{ protected: [], mayBeDown: [], bare: 'refuse', volumes: false, fixedOrder: false },
  ...{ drainMs: 120_000, bootMs: 60_000, verifyMs: 60_000, settleMs: 5_000 },
};

/** What a request takes. */
const REQUEST_MS = 100;

export class Run {
  end: End | null = null;
  readonly steps: Step[] = [];
  /** Each step before it is done, and the time. */
  watcher: (step: Step) => void = () => undefined;
  /** Looks are not counted. */
  writes = 0;
  decided: { readonly step: Step; readonly at: number } | null = null;
  wakesAt = 0;
  /** From when on no other node is begun. */
  closesAt = Number.POSITIVE_INFINITY;
  readonly #options: RollOptions;
  readonly #ask: Ask;
  #watched = NOTHING_WATCHED;
  #renewedAt: number | null = null;
  #checked: Checked | null = null;
  readonly #tries = new Map<string, Try>();

  constructor(
    readonly world: World,
    readonly me: string,
    readonly nodes: readonly string[],
    options: Partial<RollOptions> = {},
    readonly verb: 'roll' | 'undo' = 'roll',
  ) {
    this.#options = { ...OPTIONS, ...options };
    this.#ask = { id: `roll-of-${me}`, reason: 'a new kernel', by: me, nodes };
  }

  /** One half: a look and what it decides, or the write that was decided. Time goes on by what it takes. */
  half(): void {
    if (this.decided === null) this.#look();
    else this.#act(this.decided.step, this.decided.at);
  }

  /** To its end, or until `halt` says so before a half. */
  toEnd(halt: () => boolean = () => false): this {
    for (let halves = 0; this.end === null && !halt(); halves += 1) {
      if (halves > 20_000) throw new Error(`${this.me}: expected an end, got ${JSON.stringify(this.steps.slice(-4))}`);
      if (this.wakesAt > this.world.time) this.world.advance(this.wakesAt - this.world.time);
      this.half();
    }
    return this;
  }

  #look(): void {
    const { world, me } = this;
    const lookedAt = world.time;
    if (!world.answers) {
      this.wakesAt = world.time + 1_000;
      return;
    }
    const seen = world.look();
    world.advance(REQUEST_MS);
    this.#watched = watch(this.#watched, seen, me, world.time);
    const state: RollState = {
      me,
      seen,
      lookedAt,
      now: world.time,
      watched: this.#watched,
      renewedAt: this.#renewedAt,
      checked: this.#checked,
      tries: this.#tries,
      options: this.#options,
      ask: this.#ask,
    };
    const roll = world.time >= this.closesAt ? nextClosingStep : nextStep;
    const step = this.verb === 'roll' ? roll(state) : nextUndoStep(state);
    this.steps.push(step);
    this.watcher(step);
    if (step.do === 'end') this.end = step.end;
    else if (step.do === 'wait') this.wakesAt = world.time + Math.max(step.ms, 50);
    else this.decided = { step, at: world.time };
  }

  #act(step: Step, decidedAt: number): void {
    const { world } = this;
    this.decided = null;
    // As the driver must: what was seen long ago is looked at again.
    if (world.time - decidedAt > 10_000 || !world.answers) return;
    if (step.do !== 'check') this.writes += 1;
    const sent = world.time;
    this.#write(step, sent);
    world.advance(REQUEST_MS);
  }

  #write(step: Step, sent: number): void {
    const { world } = this;
    switch (step.do) {
      case 'lease':
        if (world.writeLease(step)) this.#renewedAt = sent;
        break;
      case 'remove-lease':
        world.removeLease(step.resourceVersion);
        break;
      case 'mark':
        world.patchNode(step);
        break;
      case 'evict':
        for (const { uid } of step.pods) {
          const count = (this.#tries.get(uid)?.count ?? 0) + 1;
          this.#tries.set(uid, { at: sent, count, held: world.evict(uid) });
        }
        break;
      case 'reboot':
        world.createJob(step.node, step.bootId, step.roll);
        break;
      case 'remove-job':
        world.removeJob(step.node, step.uid);
        break;
      case 'check':
        this.#checked = { ...{ node: step.node, phase: step.phase, at: sent }, results: checks(world, step) };
        break;
      case 'wait':
      case 'end':
        break;
    }
  }
}

function checks(world: World, { node, phase }: Extract<Step, { do: 'check' }>): readonly CheckResult[] {
  const others = [...world.nodes.values()].filter(({ name }) => name !== node);
  const sick = others.some(({ ready, unschedulable }) => !ready || unschedulable);
  const bad = world.faults.checkFails === phase || sick;
  return [
    {
      ...{ check: 'nodes', subject: `node ${node}`, verdict: bad ? 'fail' : 'pass', expected: 'all others Ready' },
      ...{ found: bad ? 'one that is not' : 'all is well', incident: null, next: '', cause: null },
    },
  ];
}
