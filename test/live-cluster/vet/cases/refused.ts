/** What the API server or Argo CD cannot carry out, and what they carry out without asking. */
import { expect } from 'vitest';
import type { Bench } from '../../bench/bench.js';
import { applicationOf } from '../../support/applications.js';
import { annotated, type Case, configMap, field, namespaceOf, object, pods, toys, workload } from '../case.js';

const inWave = (manifest: Parameters<typeof annotated>[0], wave: string) =>
  annotated(manifest, { 'argocd.argoproj.io/sync-wave': wave });

const says = (bench: Bench, rule: string, text: RegExp): Promise<true> =>
  bench.until(`${rule} says ${text}`, () => {
    const { message, conditions } = applicationOf(bench, rule);
    const resources = JSON.stringify(
      field(bench.get('applications.argoproj.io', rule, 'argocd'), 'status', 'operationState'),
    );
    if (text.test([message, ...conditions, resources].join('\n'))) return true;
    throw new Error([message, ...conditions].join('\n'));
  });

const job = (image: string) =>
  object('immutable-field', 'batch/v1', 'Job', 'once', {
    spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'main', image }] } } },
  });

const role = (resources: readonly string[]) =>
  object('rbac-widened', 'rbac.authorization.k8s.io/v1', 'Role', 'reader', {
    rules: [{ apiGroups: [''], resources, verbs: ['get'] }],
  });

const RBAC = [
  object('rbac-widened', 'v1', 'ServiceAccount', 'reader'),
  object('rbac-widened', 'rbac.authorization.k8s.io/v1', 'RoleBinding', 'reader', {
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'reader' },
    subjects: [{ kind: 'ServiceAccount', name: 'reader', namespace: namespaceOf('rbac-widened') }],
  }),
];

const mayRead = (bench: Bench): string =>
  bench
    .run([
      ...['auth', 'can-i', 'get', 'secrets', `--namespace=${namespaceOf('rbac-widened')}`],
      `--as=system:serviceaccount:${namespaceOf('rbac-widened')}:reader`,
    ])
    .stdout.trim();

const secured = (level: string) => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: { name: 'vet-secured', labels: { 'pod-security.kubernetes.io/enforce': level } },
});

const privilegedPod = (bench: Bench) =>
  bench.run(
    ['create', '--dry-run=server', '--filename=-'],
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'root', namespace: 'vet-secured' },
      spec: { containers: [{ name: 'main', image: 'example.org/x:1.0', securityContext: { privileged: true } }] },
    }),
  );

const imageCase = (rule: string, image: string): Pick<Case, 'base' | 'head'> => ({
  base: { objects: [workload(rule, 'Deployment')] },
  head: { objects: [workload(rule, 'Deployment', {}, { containers: [{ name: 'main', image }] })] },
});

const podWith = (bench: Bench, rule: string, image: string): Promise<unknown> =>
  bench.until(`a pod runs ${image}`, () =>
    pods(bench, rule).find((pod) => field(pod, 'spec', 'containers', 0, 'image') === image),
  );

export const CARRIED_OUT: readonly Case[] = [
  {
    rule: 'selector-changed',
    title: 'the sync fails, and nothing else of the commit lands',
    base: { objects: [workload('selector-changed', 'Deployment'), configMap('selector-changed', 'other')] },
    head: {
      objects: [
        workload('selector-changed', 'Deployment', {}, {}, { app: 'another' }),
        inWave(configMap('selector-changed', 'other', { key: '2' }), '1'),
      ],
    },
    happens: async (bench) => {
      await says(bench, 'selector-changed', /field is immutable/);
      expect(field(bench.get('configmap', 'other', namespaceOf('selector-changed')), 'data', 'key')).toBe('1');
    },
  },
  {
    rule: 'immutable-field',
    title: 'a Job with another image is refused',
    base: { objects: [job('example.org/program:1.0')] },
    head: { objects: [job('example.org/program:2.0')] },
    happens: async (bench) => {
      await says(bench, 'immutable-field', /field is immutable/);
    },
  },
  {
    rule: 'crd-version-removed',
    title: 'the version that is stored cannot be dropped',
    base: {
      objects: [
        toys('versions.example.org', ['v1', 'v2']),
        object('crd-version-removed', 'versions.example.org/v1', 'Toy', 'old'),
      ],
    },
    head: {
      objects: [
        toys('versions.example.org', ['v2']),
        object('crd-version-removed', 'versions.example.org/v1', 'Toy', 'old'),
      ],
    },
    happens: async (bench) => {
      await says(bench, 'crd-version-removed', /storedVersions.*missing from spec.versions/);
    },
  },
  {
    rule: 'wave-waits',
    title: 'what is behind a DaemonSet is never created while one node is dead',
    base: { objects: [] },
    head: {
      objects: [
        workload('wave-waits', 'DaemonSet', {}, { tolerations: [{ operator: 'Exists' }] }),
        inWave(configMap('wave-waits', 'behind'), '1'),
      ],
    },
    happens: async (bench) => {
      await says(bench, 'wave-waits', /waiting for healthy state of apps\/DaemonSet/);
      expect(bench.get('configmap', 'behind', namespaceOf('wave-waits'))).toBeUndefined();
    },
  },
  {
    rule: 'image-downgraded',
    title: 'the older program is rolled out without a question',
    ...imageCase('image-downgraded', 'example.org/program:1.9'),
    happens: async (bench) => {
      await podWith(bench, 'image-downgraded', 'example.org/program:1.9');
    },
  },
  {
    rule: 'image-unpinned',
    title: 'each node runs what it happens to have under that name',
    ...imageCase('image-unpinned', 'example.org/program'),
    happens: async (bench) => {
      const pod = await podWith(bench, 'image-unpinned', 'example.org/program');
      expect(field(pod, 'spec', 'containers', 0, 'imagePullPolicy')).toBe('IfNotPresent');
    },
  },
  {
    rule: 'rbac-widened',
    title: 'the ServiceAccount reads what it could not',
    base: { objects: [...RBAC, role(['configmaps'])] },
    head: { objects: [...RBAC, role(['configmaps', 'secrets'])] },
    meanwhile: (bench) => {
      expect(mayRead(bench)).toBe('no');
    },
    happens: async (bench) => {
      await bench.until('it may read Secrets', () => mayRead(bench) === 'yes' || undefined);
    },
  },
  {
    rule: 'privilege-widened',
    title: 'the pod is in the namespaces of its host and privileged',
    base: { objects: [workload('privilege-widened', 'Deployment')] },
    head: {
      objects: [
        workload(
          'privilege-widened',
          'Deployment',
          {},
          {
            hostPID: true,
            containers: [{ name: 'main', image: 'example.org/program:2.0', securityContext: { privileged: true } }],
          },
        ),
      ],
    },
    happens: async (bench) => {
      const pod = await bench.until('the pod has hostPID', () =>
        pods(bench, 'privilege-widened').find((each) => field(each, 'spec', 'hostPID') === true),
      );
      expect(field(pod, 'spec', 'containers', 0, 'securityContext', 'privileged')).toBe(true);
    },
  },
  {
    rule: 'pod-security-lowered',
    title: 'a privileged pod is let in that was refused',
    base: { objects: [secured('restricted')] },
    head: { objects: [secured('privileged')] },
    meanwhile: (bench) => {
      expect(privilegedPod(bench).stderr).toContain('violates PodSecurity');
    },
    happens: async (bench) => {
      await bench.until('a privileged pod is let in', () => privilegedPod(bench).status === 0 || undefined);
    },
  },
];
