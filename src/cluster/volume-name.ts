/** How the provisioners name the folders of volumes: k3s and MicroK8s each in their own way. */

/** `pvc-<uid>_<namespace>_<claim>`; neither a namespace nor a claim has an underscore in it. */
const K3S = /^pvc-[0-9a-f-]{36}_([^_]+)_([^_]+)$/;

/** `<namespace>-<claim>-pvc-<uid>`; where the namespace ends, only somebody who knows the claim can say. */
const MICROK8S = /^(.+)-pvc-[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** What people call the volume, `namespace/claim`; undefined where the folder's name does not say it for certain. */
export function tryFindClaim(folder: string): string | undefined {
  const match = K3S.exec(folder);
  return match === null ? undefined : `${match[1]}/${match[2]}`;
}

/** Whether a folder is the one with this name, or one of this `namespace/claim`. */
export function isVolumeOf(folder: string, name: string): boolean {
  return (
    folder === name || tryFindClaim(folder) === name || MICROK8S.exec(folder)?.[1] === name.split('/', 2).join('-')
  );
}
