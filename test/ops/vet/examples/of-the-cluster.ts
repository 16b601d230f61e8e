/** What somebody set in the cluster by hand, and what only a look at it tells. */
import type { ManagedFields } from '../../../../src/manifest/live-object.js';
import type { Json } from '../../../../src/manifest/manifest.js';
import { argo, liveObject, owner } from '../../drift/live.js';
import { configMap, type Examples, object, synced } from '../example.js';

const having = (data: Readonly<Record<string, string>>) => configMap('settings', { data });

const fields = (...keys: readonly string[]): { readonly [key: string]: Json } => ({
  'f:data': Object.fromEntries(keys.map((key) => [`f:${key}`, {}])),
});

const live = (data: Readonly<Record<string, string>>, ...owners: readonly ManagedFields[]) => [
  liveObject(having(data), owners),
  synced({ kind: 'ConfigMap', name: 'settings' }),
];

const NEVER_SYNCED = {
  operationState: { phase: 'Failed' },
  resources: [{ group: '', kind: 'ConfigMap', namespace: 'tools', name: 'settings', status: 'OutOfSync' }],
};
const COMES_AND_GOES = [
  configMap('foreign', undefined, { 'selfheal.dev/foreign': 'partial' }),
  object('batch/v1', 'Job', 'once', { spec: {} }),
];
const SIZE = { base: { objects: [having({ size: '1' })] }, head: { objects: [having({ size: '1' })] } };
const GROWS = { ...SIZE, head: { objects: [having({ size: '2' })] } };
const ONE_MORE = { ...SIZE, head: { objects: [having({ size: '1', depth: '5' })] } };
const MANUAL = { policy: { automated: { enabled: false } } };
const RESPECTED = {
  policy: { syncOptions: ['RespectIgnoreDifferences=true'] },
  spec: { ignoreDifferences: [{ kind: 'ConfigMap', jsonPointers: ['/data/size'] }] },
};

export const OF_THE_CLUSTER: Examples = {
  'live-fix-reverted': [
    {
      title: 'a field that somebody changed',
      ...SIZE,
      live: live({ size: '9' }, argo({}), owner('kubectl-edit', fields('size'))),
      found: [
        'ConfigMap tools/settings: expected data.size to stay as it is live, "9" (by kubectl-edit, 2025-11-22T03:00:00Z), but things makes it "1"',
      ],
    },
    {
      title: 'a field that somebody added, and that head says otherwise',
      ...ONE_MORE,
      live: live({ size: '1', depth: '9' }, argo(fields('size')), owner('kubectl-patch', fields('depth'))),
      found: [
        'ConfigMap tools/settings: expected data.depth to stay as it is live, "9" (by kubectl-patch, 2025-11-22T03:00:00Z), but things makes it "5"',
      ],
    },
    {
      title: 'through a subresource, which keeps no time, in an Application that waits for somebody',
      base: { ...SIZE.base, application: MANUAL },
      head: { ...SIZE.head, application: MANUAL },
      live: live({ size: '9' }, argo({}), {
        manager: 'kubectl',
        operation: 'Update',
        apiVersion: 'v1',
        subresource: 'scale',
        fieldsV1: fields('size'),
      }),
      found: [
        'ConfigMap tools/settings: expected data.size to stay as it is live, "9" (by kubectl (scale), when is not on record), but the next sync of things by hand makes it "1"',
      ],
    },
    {
      title: 'a field that somebody removed',
      ...SIZE,
      live: live({}, argo({})),
      found: [
        'ConfigMap tools/settings: expected data.size to stay as it is live, nothing (somebody removed it, and that leaves no name), but things makes it "1"',
      ],
    },
    {
      title: 'an object that somebody deleted',
      ...SIZE,
      live: [synced({ kind: 'ConfigMap', name: 'settings' })],
      found: [
        'ConfigMap tools/settings: expected it to stay away, as somebody deleted it in the cluster, but things creates it again',
      ],
    },
    {
      title: 'an object that may never have been there',
      ...SIZE,
      live: [{ ...synced({ kind: 'ConfigMap', name: 'settings' }), status: NEVER_SYNCED }],
      found: [],
    },
    {
      title: 'a Job that is over, and what is not ours',
      base: { objects: COMES_AND_GOES },
      head: { objects: COMES_AND_GOES },
      live: [synced({ kind: 'ConfigMap', name: 'foreign' }, { kind: 'Job', name: 'once', group: 'batch' })],
      found: [],
    },
    { title: 'an object that is new', base: {}, head: SIZE.head, live: [synced()], found: [] },
    {
      title: 'a field that is new',
      ...ONE_MORE,
      live: live({ size: '1' }, argo(fields('size'))),
      found: [],
    },
    {
      title: 'what the change itself changes',
      ...GROWS,
      live: live({ size: '1' }, argo(fields('size'))),
      found: [],
    },
    {
      title: 'what the change itself changes, and somebody has set the same as Git',
      ...GROWS,
      live: live({ size: '1' }, argo(fields('size')), owner('kubectl-edit', fields('size'))),
      found: [],
    },
    {
      title: 'what the change makes as it is live',
      ...GROWS,
      live: live({ size: '2' }, argo({}), owner('kubectl-edit', fields('size'))),
      found: [],
    },
    {
      title: 'what a controller has set',
      ...SIZE,
      live: live({ size: '9' }, argo({}), owner('kube-controller-manager', fields('size'))),
      found: [],
    },
    {
      title: 'what somebody added beside what Git says',
      ...SIZE,
      live: live({ size: '1', extra: 'x' }, argo(fields('size')), owner('kubectl-edit', fields('extra'))),
      found: [],
    },
    {
      title: 'what the Application leaves as it is',
      base: { ...SIZE.base, application: RESPECTED },
      head: { ...SIZE.head, application: RESPECTED },
      live: live({ size: '9' }, argo({}), owner('kubectl-edit', fields('size'))),
      found: [],
    },
    { title: 'nobody was asked', ...SIZE, found: [] },
  ],
};
