/** What a container needs to enter the host and to work there, each with its reason. test/host tries to do without each. */

/** To enter the namespaces of PID 1, whatever is done there. */
export const ENTER = {
  SYS_ADMIN: 'setns(2) into the namespaces of the host takes it',
  SYS_CHROOT: 'setns(2) into another mount namespace takes it too',
  SYS_PTRACE: 'the namespaces of PID 1, which has more capabilities than this container, can only be opened with it',
} as const;

/** To compare the host with the description; it can write nothing that root does not own. */
export const LOOK = {
  ...ENTER,
  DAC_READ_SEARCH: 'files of the host that only another user may read are compared too',
} as const;

/** To bring the host to the description. */
export const CONVERGE = {
  ...ENTER,
  CHOWN: 'a file that stood there before is put back with its owner and group',
  DAC_OVERRIDE: 'files of the host that belong to another user, and folders that are theirs, are written too',
  FOWNER: 'a file that stood there before and belongs to another user is put back with its mode',
} as const;

export type Capabilities = Readonly<Record<string, string>>;
