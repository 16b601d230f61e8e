/** A panic that is asked for ends in a reboot. */
import type { Guardrail, Violation } from '../guardrail.js';
import type { HostPayload } from '../host-files.js';

export const panicReboots: Guardrail = {
  id: 'panic-reboots',
  severity: 'error',
  lesson:
    'The panic on a hung task was to spare someone the way to the power button; without kernel.panic the machine stands still until they come.',
  incident: 'nov-2',
  check: ({ payloads }) => payloads.flatMap((payload) => faults(payload, payload.group?.kernelArguments ?? [])),
};

/** Settings by which the kernel panics on something that it could also have logged. */
const PANIC_ON =
  /^kernel\.(hung_task_panic|softlockup_panic|hardlockup_panic|panic_on_\w+|max_rcu_stall_to_panic)$|^vm\.panic_on_oom$/;

function faults({ where, settings }: HostPayload, kernelArguments: readonly string[]): readonly Violation[] {
  const asked = settings.filter(({ name, value }) => PANIC_ON.test(name) && Number(value) > 0).map(({ name }) => name);
  if (asked.length === 0) return [];
  // The last one counts; a negative value reboots at once.
  const timeout =
    settings.findLast(({ name }) => name === 'kernel.panic')?.value ??
    kernelArguments.findLast((word) => word.startsWith('panic='))?.slice('panic='.length);
  return timeout !== undefined && Number.isInteger(Number(timeout)) && Number(timeout) !== 0
    ? []
    : [
        {
          where,
          found: `expected kernel.panic other than 0 beside ${asked.join(', ')}, got ${timeout ?? 'nothing (the kernel waits for ever)'}`,
          mend: 'set kernel.panic = 10, or `hungTask: { panicTimeout: "10s" }`',
        },
      ];
}
