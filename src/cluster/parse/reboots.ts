/** Parses how nodes are rebooted one after the other. */
import { formatClockTime } from '../clock-time.js';
import { minutes } from '../duration.js';
import type {
  ProtectedSpec,
  RebootNotifySpec,
  RebootScheduleSpec,
  RebootSshHostSpec,
  RebootSshSpec,
  RebootsSpec,
} from '../spec/reboots.js';
import { fields, optional } from './fields.js';
import { show } from './issue.js';
import { boolean, integer, list, matching, oneOf, type Parser, record, refine } from './parser.js';
import { secretKey } from './secret-key.js';
import * as value from './values.js';

const labels = record(value.labelKey, value.labelValue, { min: 1, example: '{ app: "player" }' });

/** It stands in a plan and in messages, each in one line. */
const reason = matching('one line that says why, at most 200 characters', /^(?=.{1,200}$)\S(.*\S)?$/u);

const workload = matching(
  'a namespace and a workload, e.g. "shop/cart"',
  /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?\/[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
);

const notify = fields<RebootNotifySpec>()({ kind: oneOf('slack', 'ntfy', 'webhook'), urlSecret: secretKey });

const schedule = refine(
  fields<RebootScheduleSpec>()({
    days: list(value.weekday, { min: 1 }),
    start: value.timeOfDay,
    end: value.timeOfDay,
    timeZone: optional(value.timeZone, null),
  }),
  ({ start, end }) =>
    formatClockTime(start) < formatClockTime(end)
      ? []
      : [
          {
            path: 'end',
            message: `expected a time after start (${formatClockTime(start)}), got ${show(formatClockTime(end))}`,
          },
        ],
);

/** A path, and at the worst the key itself: neither belongs into a description. */
const KEYS_ARE_YOURS = new Map(
  ['key', 'keySecret', 'identityFile', 'password'].map((key) => [key, 'your own ~/.ssh/config or ssh-agent']),
);

const sshHost = fields<RebootSshHostSpec>()(
  {
    hostKey: value.sshHostKey,
    host: optional(value.hostName, null),
    user: optional(value.userName, null),
    port: optional(integer(1, 65_535), null),
    sudo: optional(boolean, null),
  },
  { elsewhere: KEYS_ARE_YOURS },
);

const ssh = (node: Parser<string>) =>
  fields<RebootSshSpec<string>>()(
    {
      user: value.userName,
      port: optional(integer(1, 65_535), 22),
      sudo: optional(boolean, null),
      nodes: record(node, sshHost, { min: 1, example: '{ attic: { hostKey: "ssh-ed25519 AAAA…" } }' }),
    },
    { elsewhere: new Map([...KEYS_ARE_YOURS, ['hostKey', 'nodes, with each of them']]) },
  );

/** What holds where a description says nothing of reboots: `selfheal reboot` needs no section. */
export const REBOOT_DEFAULTS = {
  protected: [],
  mayBeDown: [],
  barePods: 'refuse',
  order: null,
  drainDeadline: minutes(10),
  bootDeadline: minutes(10),
  verifyDeadline: minutes(30),
  settle: minutes(1),
  notify: null,
  schedule: null,
  ssh: null,
} as const;

export const reboots = (node: Parser<string>) =>
  fields<RebootsSpec<string>>()({
    protected: optional(
      list(
        fields<ProtectedSpec>()({
          namespace: value.dnsLabel,
          labels,
          why: reason,
          when: optional(oneOf('leave', 'refuse'), 'leave'),
        }),
      ),
      REBOOT_DEFAULTS.protected,
    ),
    mayBeDown: optional(list(workload), REBOOT_DEFAULTS.mayBeDown),
    barePods: optional(oneOf('refuse', 'delete'), REBOOT_DEFAULTS.barePods),
    order: optional(list(node, { min: 1 }), null),
    drainDeadline: optional(value.duration('10s', '2h'), REBOOT_DEFAULTS.drainDeadline),
    bootDeadline: optional(value.duration('10s', '2h'), REBOOT_DEFAULTS.bootDeadline),
    verifyDeadline: optional(value.duration('10s', '12h'), REBOOT_DEFAULTS.verifyDeadline),
    settle: optional(value.duration('1s', '2h'), REBOOT_DEFAULTS.settle),
    notify: optional(notify, REBOOT_DEFAULTS.notify),
    schedule: optional(schedule, REBOOT_DEFAULTS.schedule),
    ssh: optional(ssh(node), REBOOT_DEFAULTS.ssh),
  });
