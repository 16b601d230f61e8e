/** The disks of every host take what is written, and have room. */
import type { HealthCheck } from '../facts.js';
import { isReportedOn, onEachHost, reportOf } from '../hosts.js';
import { saying } from '../saying.js';
import { DISK_FREE_PERCENT } from '../thresholds.js';

const say = saying('host-disk');

export const hostDiskCheck: HealthCheck = {
  id: 'host-disk',
  summary: 'no disk of a host is nearly full or read-only',
  asks: ['hostReports'],
  applies: isReportedOn,
  answer: (facts) =>
    onEachHost(facts, {
      say,
      of: 'all',
      well: `at least ${DISK_FREE_PERCENT} % free`,
      judge: ({ node, report: { disks } }) => {
        const untold = (what: string) => say.unknown(`host ${node.name}`, what, reportOf(node.name));
        if (disks === null || disks.length === 0) return [untold('its disks cannot be told')];
        return disks.flatMap(({ path, freePercent, readOnly }) => {
          const subject = `${path} of host ${node.name}`;
          if (readOnly === true)
            return [
              say.fail(subject, {
                expected: 'a disk that can be written',
                found: 'it is read-only',
                next: `on ${node.name}: sudo dmesg | grep -i remount; a disk that fails does not come back by a reboot`,
              }),
            ];
          if (readOnly === null || freePercent === null) return [untold(`${path} cannot be told`)];
          if (freePercent >= DISK_FREE_PERCENT) return [];
          return [
            say.fail(subject, {
              expected: `at least ${DISK_FREE_PERCENT} % free, below which the kubelet evicts pods`,
              found: `${freePercent} % of its space or inodes`,
              next: `on ${node.name}: sudo du -xh --max-depth=2 ${path} | sort -h | tail`,
            }),
          ];
        });
      },
    }),
};
