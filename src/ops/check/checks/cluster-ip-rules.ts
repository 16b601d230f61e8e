/** Every host has the rules that lead from a Service's address to its pods. */
import type { HealthCheck } from '../facts.js';
import { isReportedOn, kubeletRestart, onEachHost, reportOf } from '../hosts.js';
import { NO_CLUSTER_IP_RULES } from '../incidents.js';
import { saying } from '../saying.js';

const say = saying('cluster-ip-rules');

export const clusterIpRulesCheck: HealthCheck = {
  id: 'cluster-ip-rules',
  summary: 'every host has the rules for ClusterIPs',
  asks: ['hostReports'],
  applies: isReportedOn,
  answer: (facts) =>
    onEachHost(facts, {
      say,
      of: 'others',
      well: 'its rules for ClusterIPs are there',
      judge: ({ node, report: { clusterIpRules } }) => {
        const subject = `host ${node.name}`;
        if (clusterIpRules === 'present') return [];
        if (clusterIpRules === null)
          return [say.unknown(subject, 'its rules for ClusterIPs cannot be read', reportOf(node.name))];
        return [
          say.fail(subject, {
            expected: 'the rule for the ClusterIP of kubernetes and the jump to it',
            found: 'rules missing: what runs there does not reach Services',
            incident: NO_CLUSTER_IP_RULES,
            next: `on ${node.name}: ${kubeletRestart(facts, node.role)}`,
            cause: { id: 'rc-2', node: node.name },
          }),
        ];
      },
    }),
};
