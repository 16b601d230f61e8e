/** What a spec says of the nightly copies of local-path volumes, with its defaults. */
import { hours, tryReadDuration } from '../duration.js';
import type {
  BackupDestinationSpec,
  BackupHookSpec,
  DrillSpec,
  HookRequestSpec,
  KeepSpec,
  MirrorBackupSpec,
  OffsiteSpec,
  SnapshotsBackupSpec,
  SnapshotsDestinationSpec,
} from '../spec/backup.js';
import { fields, optional } from './fields.js';
import { type Issue, ownValue, show } from './issue.js';
import { integer, list, map, oneOf, orWord, type Parser, tagged } from './parser.js';
import { secretKey } from './secret-key.js';
import * as value from './values.js';

const seconds = (text: string) => tryReadDuration(text) ?? hours(0);

const KEEP = { snapshots: 14, within: seconds('30d') };

const keep = fields<KeepSpec>()({
  snapshots: optional(integer(3, 1000), KEEP.snapshots),
  within: optional(value.duration('1d', '3650d'), KEEP.within),
});

const destination = {
  host: value.hostName,
  user: value.userName,
  path: value.mirrorPath,
  port: optional(integer(1, 65_535), 22),
  hostKey: value.sshHostKey,
};

const snapshotsDestination = fields<SnapshotsDestinationSpec>()({
  ...destination,
  path: value.snapshotsPath,
  reservePercent: optional(integer(1, 90), 10),
});

const mirrorDestination = fields<BackupDestinationSpec>()(destination, {
  elsewhere: new Map([['reservePercent', 'form: "snapshots"']]),
});

const request = fields<HookRequestSpec>()({ url: value.hookUrl, body: optional(value.hookBody, '{}') });

const hook = fields<BackupHookSpec>()({
  volume: value.volume,
  before: request,
  after: request,
  tokenSecret: optional(secretKey, null),
  timeout: optional(value.duration('1s', '5min'), seconds('30s')),
});

const DRILL = { day: 'sunday', at: null, scratchGibibytes: 4 } as const;

const drill = fields<DrillSpec>()({
  day: optional(value.weekday, DRILL.day),
  at: optional(value.timeOfDay, DRILL.at),
  scratchGibibytes: optional(integer(1, 1000), DRILL.scratchGibibytes),
});

const common = {
  at: value.timeOfDay,
  bandwidthLimitKibPerSecond: integer(1, 1_000_000),
  keySecret: secretKey,
  deadline: optional(value.duration('1min', '1d'), hours(2)),
  staleAfter: optional(value.duration('1h', '30d'), hours(26)),
};

const named = (node: Parser<string>) => ({
  ...common,
  name: optional(value.cronJobName, 'local-path-backup'),
  namespace: optional(value.dnsLabel, 'kube-system'),
  from: node,
});

const offsite = fields<OffsiteSpec>()({ ...common, to: snapshotsDestination, keep: optional(keep, KEEP) });

const snapshots = (node: Parser<string>) =>
  fields<SnapshotsBackupSpec<string>>()(
    {
      ...named(node),
      form: optional(oneOf('snapshots'), 'snapshots'),
      to: snapshotsDestination,
      keep: optional(keep, KEEP),
      maxShrinkPercent: optional(integer(1, 100), 50),
      exclude: optional(list(value.volume), []),
      hooks: optional(list(hook), []),
      drill: optional(
        map(orWord('off', drill), (settings) => (settings === 'off' ? null : settings)),
        DRILL,
      ),
      offsite: optional(offsite, null),
    },
    {
      checks: [
        ({ name, offsite }) => (offsite === null ? [] : roomFor(name, '-offsite')),
        ({ name, offsite, drill }) => (drill === null || offsite !== null ? [] : roomFor(name, '-drill')),
        ({ hooks }) => hookedOnce(hooks),
        ({ hooks, exclude }) => hookedAndCopied(hooks, exclude),
      ],
    },
  );

const mirror = (node: Parser<string>) =>
  fields<MirrorBackupSpec<string>>()(
    { ...named(node), form: oneOf('mirror'), to: mirrorDestination },
    {
      elsewhere: new Map(
        ['keep', 'maxShrinkPercent', 'exclude', 'hooks', 'drill', 'offsite'].map((key) => [key, 'form: "snapshots"']),
      ),
    },
  );

export const backup = (node: Parser<string>) =>
  tagged('form', { snapshots: snapshots(node), mirror: mirror(node) }, { absent: 'snapshots' });

/** Kubernetes allows a CronJob 52 characters, because it adds eleven for its Jobs. */
function roomFor(name: string, suffix: string): readonly Issue[] {
  const most = 52 - suffix.length;
  return name.length <= most
    ? []
    : [{ path: 'name', message: `expected at most ${most} characters ("${suffix}" is added), got ${show(name)}` }];
}

interface Hooked {
  readonly volume: string;
}

function hookedOnce(hooks: readonly Hooked[]): readonly Issue[] {
  return hooks.flatMap(({ volume }, index) => {
    const first = hooks.findIndex((other) => other.volume === volume);
    return first === index ? [] : [ownValue(`hooks[${index}].volume`, 'a volume', volume, `hooks[${first}]`)];
  });
}

function hookedAndCopied(hooks: readonly Hooked[], exclude: readonly string[]): readonly Issue[] {
  return hooks.flatMap(({ volume }, index) =>
    exclude.includes(volume)
      ? [
          {
            path: `hooks[${index}].volume`,
            message: `expected a volume that is copied, got ${show(volume)}, which exclude names`,
          },
        ]
      : [],
  );
}
