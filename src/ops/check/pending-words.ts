/** Why a host waits for a reboot, in words for a person. */
import type { HostReport } from './host-report.js';

export const pendingWords = ({ pending, runningKernel, newestKernel }: HostReport): readonly string[] =>
  (pending ?? []).map((word) => {
    switch (word) {
      case 'kernel':
        return `kernel ${newestKernel} is installed while ${runningKernel} runs`;
      case 'kernel-arguments':
        return 'the running kernel was started without arguments that are described';
      case 'reboot-required':
        return 'the distribution asks for it (/run/reboot-required)';
      default:
        return word;
    }
  });
