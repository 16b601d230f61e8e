/** Patches of objects that somebody else created: what each is called, and which are being taken back. */
import type { Cluster, Dns } from './cluster.js';

/**
 * The folder of the patch's Application. One Deployment of several that are kept off nodes: its namespace and name
 * behind it.
 */
export type PatchName =
  | 'coredns'
  | 'longhorn-backup-target'
  | 'longhorn-csi-spread'
  | 'longhorn-settings'
  | 'keep-off'
  | `keep-off/${string}/${string}`;

/** The folders of all patches that there can be. */
export const PATCH_FOLDERS = [
  'coredns',
  'longhorn-backup-target',
  'longhorn-csi-spread',
  'longhorn-settings',
  'keep-off',
] as const satisfies readonly PatchName[];

/** What of a description asks for patches; a parsed spec has it before it is a `Cluster`. */
interface Described {
  readonly dns: object | null;
  readonly longhorn: { readonly csiSpread: object | null } | null;
  readonly keepOff: readonly { readonly namespace: string; readonly deployment: string }[];
}

/** The names of all patches that are described, also of those that are being taken back. */
export const describedPatches = ({ dns, longhorn, keepOff }: Described): readonly PatchName[] => [
  ...(dns === null ? [] : (['coredns'] as const)),
  ...(longhorn === null ? [] : (['longhorn-backup-target', 'longhorn-settings'] as const)),
  ...(longhorn === null || longhorn.csiSpread === null ? [] : (['longhorn-csi-spread'] as const)),
  ...(keepOff.length === 0 ? [] : (['keep-off'] as const)),
  ...keepOff.map(({ namespace, deployment }) => `keep-off/${namespace}/${deployment}` as const),
];

interface PatchedObject {
  readonly application: string;
  readonly manifest: { readonly metadata: { readonly namespace?: string; readonly name: string } };
}

/** Also of one Deployment of several. */
export const folderOfPatch = (patch: string): string => patch.split('/')[0] ?? patch;

/** Whether an object in the folder of a patch belongs to the patch of that name. */
export const isOfPatch = (patch: string, { application, manifest: { metadata } }: PatchedObject): boolean =>
  patch === application || patch === `${application}/${metadata.namespace ?? ''}/${metadata.name}`;

export const isRetiring = ({ retiring }: Cluster, object: PatchedObject): boolean =>
  retiring.some((patch) => isOfPatch(patch, object));

/** CoreDNS as it is to be: null also while its patch is taken back, so that nothing expects its replicas any more. */
export const wantedDns = ({ dns, retiring }: Cluster): Dns | null => (retiring.includes('coredns') ? null : dns);
