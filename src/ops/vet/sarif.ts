/** Findings in the notation that code scanning reads: SARIF 2.1.0. */

import { VET_RULES } from './index.js';
import type { Located, VetReport } from './report.js';
import type { VetRule } from './rule.js';

export function sarifReport({ findings, unknown }: VetReport): string {
  const log = {
    $schema: 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'selfheal vet', rules: VET_RULES.map(ruleOf) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: unknown.length === 0,
            toolExecutionNotifications: unknown.map(({ subject, why }) => ({
              level: 'error',
              message: { text: `cannot tell: ${subject}: ${why}` },
            })),
          },
        ],
        // Code scanning closes what an empty list no longer has.
        results: findings.map(resultOf),
      },
    ],
  };
  return JSON.stringify(log, null, 2);
}

const ruleOf = ({ id, severity, reason, mend }: VetRule) => ({
  id,
  shortDescription: { text: id.replaceAll('-', ' ') },
  fullDescription: { text: reason },
  help: { text: `${reason} Mend: ${mend}.`, markdown: `${reason}\n\n**Mend:** ${mend}.` },
  defaultConfiguration: { level: severity },
  properties: { precision: 'high', 'problem.severity': severity },
});

const resultOf = ({
  rule,
  cluster,
  application,
  object,
  path,
  line,
  width,
  found,
  mend,
  isAccepted,
  fingerprint,
}: Located) => ({
  ruleId: rule.id,
  ruleIndex: VET_RULES.indexOf(rule),
  // Code scanning does not read suppressions: what is accepted must not fail its check.
  level: isAccepted ? 'note' : rule.severity,
  message: { text: `${object} (${application}): ${found}. Mend: ${mend}.` },
  locations: [
    {
      physicalLocation: {
        artifactLocation: { uri: uriOf(path), uriBaseId: '%SRCROOT%' },
        region: { startLine: line, startColumn: 1, endLine: line, endColumn: width + 1 },
      },
      logicalLocations: [
        {
          fullyQualifiedName: [cluster, application, object].filter((part) => part !== '').join('/'),
          kind: 'resource',
        },
      ],
    },
  ],
  // Not primaryLocationLineHash, the only one that code scanning reads: its upload makes that one from the line, and
  // warns of every other value.
  partialFingerprints: { 'selfhealVet/v1': fingerprint },
  suppressions: isAccepted ? [{ kind: 'external', justification: 'accepted by --accept' }] : [],
});

/** Relative. What has a meaning in an address, as `#` has, may be in a file's name. */
const uriOf = (path: string): string => path.split('/').map(encodeURIComponent).join('/');
