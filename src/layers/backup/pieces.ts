/** What a pod of the backup sees besides its image: each volume with the place where it is mounted. */
import { k8s } from 'cdk8s-plus-28';
import { TEXTFILE_FOLDER } from '../../host/host-state.js';

export interface Piece {
  readonly volume: k8s.Volume;
  readonly mount: k8s.VolumeMount;
}

export const STORAGE = '/storage';
export const TEXTFILE = '/textfile';
export const SCRATCH = '/scratch';

/** Directory: a folder that is missing on the host is not made, the pod waits and the Job fails at its deadline. */
export const hostFolder = (name: string, path: string, mountPath: string): Piece => ({
  volume: { name, hostPath: { path, type: 'Directory' } },
  mount: { name, mountPath, readOnly: true },
});

/** Where node-exporter reads metrics. It makes the folder too, whichever comes first. */
export const textfile: Piece = {
  volume: { name: 'textfile', hostPath: { path: TEXTFILE_FOLDER, type: 'DirectoryOrCreate' } },
  mount: { name: 'textfile', mountPath: TEXTFILE },
};

/** Where a volume is read back to. The kubelet ends a pod that fills more than it was given. */
export const scratch = (gibibytes: number): Piece => ({
  volume: { name: 'scratch', emptyDir: { sizeLimit: k8s.Quantity.fromString(`${gibibytes}Gi`) } },
  mount: { name: 'scratch', mountPath: SCRATCH },
});
