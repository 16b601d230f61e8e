/** What a restore needs of the pod's scripts, wherever it runs. */
export const RESTORE_SCRIPTS = [
  'restore.sh',
  'finish.sh',
  'settings.sh',
  'host.sh',
  'mounts.sh',
  'read-back.sh',
  'restore-target.sh',
] as const;
