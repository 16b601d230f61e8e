/** The hooks as files for the script: a folder each, with the token beside the requests. */
import type { k8s } from 'cdk8s-plus-28';
import type { BackupHook } from '../../cluster/backup.js';
import type { Piece } from './pieces.js';

export const HOOKS = '/hooks';

/** A key of a ConfigMap has no slash in it. */
const keyOf = (index: number, file: string): string => `hook-${index}.${file}`;

const filesOf = ({ volume, before, after, timeout }: BackupHook): Readonly<Record<string, string>> => ({
  volume,
  'before-url': before.url,
  'before-body': before.body,
  'after-url': after.url,
  'after-body': after.body,
  timeout: String(timeout.seconds),
});

/** What the ConfigMap holds of them. */
export const hookFiles = (hooks: readonly BackupHook[]): Readonly<Record<string, string>> =>
  Object.fromEntries(
    hooks.flatMap((hook, index) =>
      Object.entries(filesOf(hook)).map(([file, text]) => [keyOf(index, file), text] as const),
    ),
  );

/** `0-home-assistant/volume`, `…/before-url` and so on; `…/token` from its Secret. */
export function hooksPiece(hooks: readonly BackupHook[], configMap: string): Piece {
  const sources = hooks.flatMap((hook, index): k8s.VolumeProjection[] => {
    const folder = `${index}-${hook.volume.split('/')[1]}`;
    const items = Object.keys(filesOf(hook)).map((file) => ({ key: keyOf(index, file), path: `${folder}/${file}` }));
    const { tokenSecret } = hook;
    return [
      { configMap: { name: configMap, items } },
      ...(tokenSecret === null
        ? []
        : [{ secret: { name: tokenSecret.name, items: [{ key: tokenSecret.key, path: `${folder}/token` }] } }]),
    ];
  });
  return {
    volume: { name: 'hooks', projected: { defaultMode: 0o400, sources } },
    mount: { name: 'hooks', mountPath: HOOKS, readOnly: true },
  };
}
