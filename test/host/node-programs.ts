/** Whose programs and libraries a pod borrows: this machine's, or those of a Raspberry Pi, emulated. */
import { chmodSync, copyFileSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface NodePrograms {
  /** What is mounted at /host-usr. */
  readonly usr: string;
  /** What is mounted at /host-lib. */
  readonly lib: string;
  /** The linker and the library folders as the pod sees them. */
  readonly linker: string;
  readonly libraries: string;
  /** Adds to the pod's root what the node's processor would bring. */
  readonly equip: (root: string) => void;
}

const ARM = process.arch === 'arm64';
const TRIPLET = ARM ? 'aarch64-linux-gnu' : 'x86_64-linux-gnu';

export const THIS_MACHINE: NodePrograms = {
  usr: '/usr',
  lib: `/lib/${TRIPLET}`,
  linker: ARM ? '/host-lib/ld-linux-aarch64.so.1' : '/host-lib/ld-linux-x86-64.so.2',
  libraries: `/host-lib:/host-usr/lib/${TRIPLET}`,
  equip: () => {},
};

/** Where tools/fetch-arm64-host.sh unpacks them. */
const ARM64_HOST = process.env.ARM64_HOST ?? '/var/cache/selfheal/arm64-host';
const EMULATOR = '/usr/bin/qemu-aarch64-static';
const LINKER = 'bin/ld-linux-aarch64.so.1';

/** A linker of the same name that hands the real one and its words to the emulator: nothing else runs arm64 code. */
const RASPBERRY_PI: NodePrograms = {
  usr: join(ARM64_HOST, 'usr'),
  lib: join(ARM64_HOST, 'usr/lib/aarch64-linux-gnu'),
  linker: `/${LINKER}`,
  libraries: '/host-lib:/host-usr/lib/aarch64-linux-gnu',
  equip: (root) => {
    copyFileSync(EMULATOR, join(root, 'bin/qemu'));
    writeFileSync(
      join(root, LINKER),
      '#!/bin/sh\nprintf "%s\\n" "$*" >>/textfile/started\nexec /bin/qemu /host-lib/ld-linux-aarch64.so.1 "$@"\n',
    );
    for (const file of ['bin/qemu', LINKER]) chmodSync(join(root, file), 0o755);
  },
};

/** The programs of a Raspberry Pi, or what is missing for them. */
export function raspberryPi(): NodePrograms | { readonly missing: string } {
  const missing = [EMULATOR, RASPBERRY_PI.usr].find((path) => !existsSync(path));
  return missing === undefined ? RASPBERRY_PI : { missing };
}
