/** The sysctls by which a task that hangs in uninterruptible sleep becomes a reboot. */
import type { HungTask } from '../../cluster/cluster.js';
import type { HostFile } from '../../host/host-state.js';

const HUNG_TASK_FILE = '/etc/sysctl.d/99-hung-task.conf';

/**
 * `kernel.panic` stands in the same file because its default is to wait for ever after a panic. The kubelet sets it too,
 * but only once it runs: a panic before that would turn a slow node into a dead one.
 */
export const hungTaskFile = ({ timeout, panicTimeout }: HungTask): HostFile => ({
  path: HUNG_TASK_FILE,
  mode: '0644',
  content: [
    '# A task in uninterruptible sleep for this long is a panic, and a panic is a reboot.',
    `kernel.hung_task_timeout_secs = ${timeout.seconds}`,
    'kernel.hung_task_panic = 1',
    `kernel.panic = ${panicTimeout.seconds}`,
    '',
  ].join('\n'),
});
