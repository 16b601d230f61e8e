/** Every guardrail, and the run over all of them. */
import type { Finding, Guardrail, GuardrailInput } from './guardrail.js';

export const GUARDRAILS: readonly Guardrail[] = [];

/** All findings of all guardrails, errors first. */
export function checkGuardrails(
  input: GuardrailInput,
  guardrails: readonly Guardrail[] = GUARDRAILS,
): readonly Finding[] {
  const findings = guardrails.flatMap((guardrail) =>
    guardrail.check(input).map((violation) => ({ ...violation, cluster: input.cluster.name, guardrail })),
  );
  const ofSeverity = (severity: Guardrail['severity']) =>
    findings.filter(({ guardrail }) => guardrail.severity === severity);
  return [...ofSeverity('error'), ...ofSeverity('warning')];
}
