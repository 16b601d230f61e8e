/**
 * How a pod runs programs of the host that it is on.
 *
 * The pods reach no registry and no package mirror, and the image has neither rsync nor ssh. So the host's are started
 * through the host's own dynamic linker with the host's libraries: the image's C library has no part in it.
 */
import type { Architecture } from '../../cluster/cluster.js';

/** Where the host's `/usr` is mounted. */
export const HOST_USR = '/host-usr';

/** Where the host's folder with the dynamic linker and the first half of the libraries is mounted. */
export const HOST_LIB = '/host-lib';

interface HostPrograms {
  /** The folder on the host that is mounted at `HOST_LIB`. */
  readonly libraryFolder: string;

  /** The dynamic linker as the pod sees it. */
  readonly linker: string;

  /** The library folders as the pod sees them. On hosts where `/lib` leads into `/usr`, both are the same. */
  readonly libraries: readonly string[];
}

/** The names of Debian and Ubuntu. */
const LAYOUT: Readonly<Record<Architecture, { readonly folder: string; readonly linker: string }>> = {
  arm64: { folder: 'aarch64-linux-gnu', linker: 'ld-linux-aarch64.so.1' },
  amd64: { folder: 'x86_64-linux-gnu', linker: 'ld-linux-x86-64.so.2' },
};

export function hostPrograms(architecture: Architecture): HostPrograms {
  const { folder, linker } = LAYOUT[architecture];
  return {
    libraryFolder: `/lib/${folder}`,
    linker: `${HOST_LIB}/${linker}`,
    libraries: [HOST_LIB, `${HOST_USR}/lib/${folder}`],
  };
}
