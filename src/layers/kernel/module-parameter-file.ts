/** What modprobe gives a module when it loads it; the running value is the host program's. */
import type { HostFile, ModuleParameter } from '../../host/host-state.js';

const MODULE_PARAMETER_FILE = '/etc/modprobe.d/selfheal.conf';

export const moduleParameterFile = (parameters: readonly ModuleParameter[]): HostFile => ({
  path: MODULE_PARAMETER_FILE,
  mode: '0644',
  content: parameters.map(({ module, name, value }) => `options ${module} ${name}=${value}\n`).join(''),
});
