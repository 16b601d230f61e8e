/** Brings what all layers want of a host onto the host, by a DaemonSet for each set of nodes. */
import { k8s } from 'cdk8s-plus-28';
import { ApplicationChart } from '../../argo/application-chart.js';
import type { HostGroup } from '../../cluster/cluster.js';
import { NOTHING } from '../../host/host-state.js';
import type { Layer } from '../layer.js';
import { nodeBootstrapAlerts } from './alerts.js';
import { NODE_BOOTSTRAP_NAMESPACE } from './host-pod.js';
import { NodeBootstrap } from './node-bootstrap.js';
import { payloadOf } from './payload.js';
import { PROGRAMS, programsOf } from './programs.js';
import { reportSettings } from './report-settings.js';

export const nodeBootstrap: Layer = {
  name: 'node-bootstrap',
  hostState: (cluster, group) =>
    group.state === 'absent' ? NOTHING : { ...NOTHING, files: [reportSettings(cluster, group)] },
  alerts: nodeBootstrapAlerts,
  build: (app, { hosts, images }, contributions) => {
    if (hosts.length === 0) return;
    const chart = new ApplicationChart(app, 'node-bootstrap', {
      ownership: 'owned',
      description: 'Brings units, scripts, sysctls and kernel arguments to the hosts and keeps them there.',
      namespaces: [NODE_BOOTSTRAP_NAMESPACE],
    });
    // Several layers ask by the cluster and not by the group.
    const state = (group: HostGroup) => (group.state === 'absent' ? NOTHING : contributions.hostState(group));
    const groups = hosts.map((group) => ({ group, payload: payloadOf(group, state(group)) }));
    const programs = programsOf(groups);
    new k8s.KubeConfigMap(chart, 'Programs', {
      metadata: {
        name: PROGRAMS,
        namespace: NODE_BOOTSTRAP_NAMESPACE,
        labels: { 'app.kubernetes.io/name': 'node-bootstrap' },
      },
      data: Object.fromEntries(programs),
    });
    for (const { group, payload } of groups) new NodeBootstrap(chart, group.name, { group, images, payload, programs });
  },
};
