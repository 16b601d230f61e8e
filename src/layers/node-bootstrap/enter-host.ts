/**
 * The words that run a program as the host's own, from a pod with the host's process ids.
 *
 * The mount namespace holds the host's files, its programs and systemd's socket; systemctl compares PID 1's root with
 * its own, so the process ids must be the host's too. Host name, IPC and network are entered because sysctls belong to
 * them. The environment starts empty: a pod's variables say nothing about the host.
 */
export const enterHost = (program: readonly string[], pid = 1): readonly string[] => [
  'nsenter',
  '-t',
  `${pid}`,
  '-m',
  '-u',
  '-i',
  '-n',
  '-p',
  '--',
  '/usr/bin/env',
  '-i',
  'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
  'HOME=/root',
  ...program,
];
