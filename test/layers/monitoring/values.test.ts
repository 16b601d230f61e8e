import { expect, test } from 'vitest';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { CHARTS } from '../../../src/cluster/versions.js';
import homelabSpec from '../../../src/clusters/homelab.js';
import { TEXTFILE_FOLDER } from '../../../src/host/host-state.js';
import { kubePrometheusStackValues } from '../../../src/layers/monitoring/values.js';
import { alertmanagerConfigOf } from '../../support/alertmanager-config.js';
import { at } from '../../support/change.js';
import { affinityPaths, chartValues, unknownPaths } from '../../support/chart-values.js';
import { homelab, parsed, pvek8s } from '../../support/clusters.js';
import { FULL_MICROK8S_SPEC } from '../../support/full-clusters.js';

const CHART_FILE = `kube-prometheus-stack-${CHARTS.kubePrometheusStack.version}`;

/**
 * Values of the charts inside the chart: its own values file repeats only what it changes. From the values.yaml of
 * grafana, kube-state-metrics and prometheus-node-exporter.
 */
const INNER_CHARTS = [
  'grafana.affinity',
  'grafana.resources',
  'grafana.sidecar.dashboards.folderAnnotation',
  'grafana.sidecar.dashboards.provider.foldersFromFilesStructure',
  'kube-state-metrics.affinity',
  'kube-state-metrics.resources',
  'prometheus-node-exporter.extraHostVolumeMounts',
  'prometheus-node-exporter.resources',
];

/** Parts that are off, and so run nowhere. */
const OFF = ['crds.upgradeJob.affinity', 'prometheusOperator.admissionWebhooks.deployment.affinity'];

const defaults = chartValues(CHART_FILE);
const values = valuesOf(homelab());

function valuesOf(cluster: Cluster): unknown {
  if (!cluster.monitoring?.chart) throw new Error(`cluster '${cluster.name}': expected a chart, got none`);
  return kubePrometheusStackValues(cluster, cluster.monitoring.chart);
}

test('every value that is set is one that the chart knows', () => {
  expect(unknownPaths(values, defaults)).toEqual(INNER_CHARTS);
});

test('MicroK8s values are known to the chart as well', () => {
  const cluster = parsed({
    ...FULL_MICROK8S_SPEC,
    monitoring: { install: 'kube-prometheus-stack', requiredNode: 'hoe', grafanaAdminSecret: 'grafana-admin' },
  });

  const found = valuesOf(cluster);

  expect(unknownPaths(found, defaults)).toEqual(INNER_CHARTS);
  expect(at(found, 'kubeScheduler.endpoints')).toEqual(['192.0.2.20', '192.0.2.21', '192.0.2.22']);
});

test('as much memory is kept free as the homelab saw Prometheus and Grafana take', () => {
  const mebibytes = (path: string): number => Number.parseInt(String(at(values, path)), 10);

  expect(mebibytes('prometheus.prometheusSpec.resources.requests.memory')).toBeGreaterThanOrEqual(700);
  expect(mebibytes('grafana.resources.requests.memory')).toBeGreaterThanOrEqual(300);
});

test('no part of the chart can run on another node than the required one', () => {
  const places = [
    ...affinityPaths(defaults).filter((path) => !OFF.includes(path) && !path.startsWith('thanosRuler.')),
    'grafana.affinity',
    'kube-state-metrics.affinity',
  ];

  expect(places.length).toBeGreaterThan(5);
  for (const path of places) {
    const terms = at(values, `${path}.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms`);
    expect(terms, path).toEqual([
      { matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: ['ultron'] }] },
    ]);
  }
});

test('what is called off is off in the chart', () => {
  expect(at(defaults, 'crds.upgradeJob.enabled')).toBe(false);
  expect(at(defaults, 'prometheusOperator.admissionWebhooks.deployment.enabled')).toBe(false);
  expect(at(defaults, 'thanosRuler.enabled')).toBe(false);
});

test("node-exporter keeps the chart's arguments and reads the hosts' folder as well", () => {
  const mount = at(values, 'prometheus-node-exporter.extraHostVolumeMounts[0]');
  const chartArguments = at(defaults, 'prometheus-node-exporter.extraArgs');

  expect(chartArguments).toHaveLength(2);
  expect(at(values, 'prometheus-node-exporter.extraArgs')).toEqual([
    ...Array.from(Object(chartArguments)),
    `--collector.textfile.directory=${at(mount, 'mountPath')}`,
  ]);
  expect(mount).toMatchObject({ hostPath: TEXTFILE_FOLDER, readOnly: true });
});

test('k3s is not asked for parts that it does not run apart', () => {
  for (const part of ['kubeScheduler', 'kubeControllerManager', 'kubeProxy', 'kubeEtcd']) {
    expect(at(values, part), part).toEqual({ enabled: false });
  }
});

test('dashboards are found by the labels that the chart looks for', () => {
  const looked = Object(at(defaults, 'grafana.sidecar.dashboards'));
  const found = Object(at(values, 'grafana.sidecar.dashboards'));

  for (const key of ['enabled', 'label', 'labelValue', 'searchNamespace']) expect(found[key], key).toBe(looked[key]);
});

test('a cluster with a Prometheus of its own gets no chart', () => {
  expect(pvek8s().monitoring?.chart).toBeNull();
});

test('Prometheus has no volume unless the description gives it one', () => {
  const cluster = parsed({
    ...homelabSpec,
    monitoring: {
      install: 'kube-prometheus-stack',
      requiredNode: 'ultron',
      storage: { gibibytes: 20, storageClass: 'local-path' },
    },
  });

  const claim = at(valuesOf(cluster), 'prometheus.prometheusSpec.storageSpec.volumeClaimTemplate.spec');

  expect(at(values, 'prometheus.prometheusSpec.storageSpec')).toBeUndefined();
  expect(claim).toMatchObject({ storageClassName: 'local-path', resources: { requests: { storage: '20Gi' } } });
  expect(at(valuesOf(cluster), 'prometheus.prometheusSpec.retentionSize')).toBe('16GiB');
});

test('Longhorn is scraped where there is Longhorn', () => {
  expect(at(values, 'prometheus.additionalServiceMonitors[0].namespaceSelector.matchNames')).toEqual([
    'longhorn-system',
  ]);
  expect(at(valuesOf(parsed({ ...homelabSpec, longhorn: undefined })), 'prometheus.additionalServiceMonitors')).toEqual(
    [],
  );
});

test("Grafana's account is the one of the Secret that the description names", () => {
  const cluster = parsed({
    ...homelabSpec,
    monitoring: {
      install: 'kube-prometheus-stack',
      requiredNode: 'ultron',
      grafanaAdminSecret: 'grafana-admin',
    },
  });

  expect(at(valuesOf(cluster), 'grafana.admin.existingSecret')).toBe('grafana-admin');
  expect(
    at(
      valuesOf(parsed({ ...homelabSpec, monitoring: { install: 'kube-prometheus-stack', requiredNode: 'ultron' } })),
      'grafana.admin',
    ),
  ).toBeUndefined();
});

test('its Alertmanager takes our AlertmanagerConfig, and as it stands: without a matcher for one namespace', () => {
  const spec = Object(at(values, 'alertmanager.alertmanagerSpec'));
  const config = alertmanagerConfigOf(homelab());

  expect(config?.metadata.labels).toEqual(spec.alertmanagerConfigSelector.matchLabels);
  expect(config?.metadata.namespace).toBe(homelab().monitoring?.namespace);
  expect(spec.alertmanagerConfigMatcherStrategy).toEqual({ type: 'OnNamespaceExceptForAlertmanagerNamespace' });
});
