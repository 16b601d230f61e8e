/** `selfheal restore`: what there is in the backups, and one volume of it back in an empty place. */
import { resolve } from 'node:path';
import type { BackupCopy } from '../cluster/backup.js';
import { didYouMean, show } from '../cluster/parse/issue.js';
import { OperatorError } from '../errors.js';
import { knownHosts } from '../layers/backup/pod-files.js';
import { restoreJob, restoreJobName } from '../layers/backup/restore-job.js';
import { scriptPaths } from '../layers/script.js';
import { HEADER, toYaml } from '../manifest/yaml.js';
import { parseListing } from '../ops/restore/listing.js';
import { drawListing, jsonListing, knownBad, ofVolume, volumeNames } from '../ops/restore/listing-text.js';
import { parseRestoreFlags, RESTORE_FLAGS, type RestoreRequest } from '../ops/restore/restore-flags.js';
import type { Command, Io } from './command.js';
import { findBackup, offsiteOf } from './described-backup.js';
import { accepted, readFlags } from './flags.js';
import { type RestorePlace, runRestoreScript } from './restore-script.js';

type Flags = Parameters<typeof parseRestoreFlags>[0];
type JobRequest = Extract<RestoreRequest, { kind: 'job' }>;

/** rsync wants a number; a disk is slower. */
const NO_LIMIT_KIB_PER_SECOND = 10_000_000;

export const restore: Command = {
  help: `Usage: selfheal restore [--volume V] [-o text|json] [place]
       selfheal restore --volume V [--snapshot S] --into FOLDER [--apply] [place]
       selfheal restore --volume V [--snapshot S] --job --node N (--into FOLDER | --claim NAMESPACE/NAME) [--apply]

Without --into it lists what there is: each snapshot, its volumes, their sizes, and when they were read back. With
--into it says what it would do, and only --apply does it: the volume is read into FOLDER, which must be empty or new,
held against the manifest that was made when it was backed up, and only then moved into place. Nothing is written over
or deleted. Needs root, because files get their owners back, and rsync and ssh on this machine.

  --volume V            namespace/claim, or the folder's name
  --snapshot S          a name from the list, or latest: the newest that is not known to be bad (default)
  --into FOLDER         where the volume's files go
  --apply               do it
  -o, --output FORMAT   the list as text (default) or json
  --job                 print the manifests of a Job that does it in the cluster; --apply is then part of the Job
  --node N              the node that the Job runs on; --into is a folder of this node
  --claim NAMESPACE/NAME   an empty claim instead of a folder; the SSH key's Secret must be in its namespace

Where the backups are:
  --cluster NAME        of this description, where several have a backup
  --clusters FOLDER     where the descriptions are (default: src/clusters if there is one, else clusters)
  --offsite             at its second place
  --key FILE            the private key to log in with (default: your own keys, and your SSH settings)
  --local FOLDER        in this folder of this machine, which is the one with the backups; needs no description

The other machine must show the host key of the description.

Exit status: 0 listed, planned or restored, 1 listed, and there is nothing or something known to be bad,
2 wrong input, refused, or failed.

  # what is there?
  selfheal restore
  # what would happen, then do it
  selfheal restore --volume home/ha-config --into /srv/restored
  selfheal restore --volume home/ha-config --into /srv/restored --apply
  # the same in the cluster
  selfheal restore --volume home/ha-config --job --node lamp --into /srv/restored --apply`,

  async run(args, io) {
    const flags = readFlags(args, RESTORE_FLAGS);
    const request = accepted(parseRestoreFlags(flags));
    if (request.kind === 'job') return printJob(request, flags, io);
    const place = await placeOf(flags, io);
    if (request.kind === 'list') return list(request, place, io);
    const { volume, snapshot, into, apply } = request;
    await runRestoreScript(
      place,
      { VOLUME: volume, SNAPSHOT: snapshot, INTO: resolve(into), APPLY: apply ? 'yes' : 'no' },
      io,
    );
    if (!apply) io.err('--apply restores it');
    return 0;
  },
};

async function placeOf(flags: Flags, io: Io): Promise<RestorePlace> {
  if (flags.local !== undefined) {
    const [program = ''] = scriptPaths('backup', 'server', 'selfheal-backup-server.sh');
    const settings = { HOST: '', PATH: wordFor('--local', flags.local), SERVER: program };
    return { knownHosts: null, settings: { ...settings, BANDWIDTH_LIMIT_KIB_PER_SECOND: NO_LIMIT_KIB_PER_SECOND } };
  }
  const { to, bandwidthLimitKibPerSecond } = (await copyOf(flags, io)).copy;
  return {
    knownHosts: knownHosts(to),
    settings: {
      USER: to.user,
      HOST: to.host,
      PORT: to.port,
      PATH: to.path,
      KEY: flags.key === undefined ? '' : wordFor('--key', flags.key),
      BANDWIDTH_LIMIT_KIB_PER_SECOND: bandwidthLimitKibPerSecond,
    },
  };
}

/** rsync and ssh get it as one word among others. */
function wordFor(flag: string, path: string): string {
  const whole = resolve(path);
  if (/[\s'"*?[\\]/.test(whole))
    throw new OperatorError(`${flag}: expected a path without blanks, quotes and patterns, got ${show(whole)}`);
  return whole;
}

async function copyOf(flags: Flags, io: Io) {
  const described = await findBackup({ cluster: flags.cluster, clusters: flags.clusters }, io);
  const { cluster, backup } = described;
  if (backup.form === 'mirror')
    throw new OperatorError(
      `cluster '${cluster.name}': expected a backup of form snapshots, got a mirror: one copy without dates`,
      [
        `copy it back with rsync from ${backup.to.user}@${backup.to.host}:${backup.to.path}/ (docs/restore.md#a-mirror)`,
      ],
    );
  const copy: BackupCopy = flags.offsite ? offsiteOf(described) : backup;
  return { cluster, backup, copy };
}

async function list(
  { volume, output }: Extract<RestoreRequest, { kind: 'list' }>,
  place: RestorePlace,
  io: Io,
): Promise<0 | 1> {
  const lines: string[] = [];
  await runRestoreScript(place, {}, { ...io, out: (line) => lines.push(line) });
  const all = readListing(lines.join('\n'));
  const snapshots = volume === undefined ? all : ofVolume(all, volume);
  if (output === 'json') io.out(JSON.stringify(jsonListing(snapshots)));
  else if (snapshots.length > 0) for (const line of drawListing(snapshots)) io.out(line);
  const bad = knownBad(snapshots).length;
  if (snapshots.length === 0)
    io.err(
      volume === undefined
        ? 'no snapshots'
        : `no snapshot has volume ${show(volume)}${didYouMean(volume, volumeNames(all))}`,
    );
  if (bad > 0) io.err(`${bad} NOT EQUAL to what was backed up: docs/restore.md#what-verified-means`);
  return snapshots.length === 0 || bad > 0 ? 1 : 0;
}

function readListing(text: string) {
  try {
    return parseListing(text);
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : '', [], { cause: error });
  }
}

async function printJob(request: JobRequest, flags: Flags, io: Io): Promise<0> {
  const { volume, snapshot, apply, target } = request;
  const { cluster, backup, copy } = await copyOf(flags, io);
  const names = cluster.nodes.map(({ name }) => name);
  const node = cluster.nodes.find(({ name }) => name === request.node);
  if (node === undefined)
    throw new OperatorError(
      `--node: expected one of ${cluster.name} (${names.join(', ')}), got ${show(request.node)}${didYouMean(request.node, names)}`,
    );
  const namespace = target.kind === 'claim' ? target.namespace : backup.namespace;
  const manifests = restoreJob({
    copy,
    node,
    namespace,
    image: cluster.images.alpine,
    volume,
    snapshot,
    into: target,
    apply,
  });
  const job = restoreJobName(apply);
  io.out(
    `# Written by selfheal restore --job: ${apply ? 'restores' : 'says how it would restore'} ${volume} (${snapshot}).`,
  );
  for (const manifest of manifests) io.out(toYaml(manifest).replace(HEADER, '---').trimEnd());

  io.err('run it:       selfheal restore … | kubectl apply -f -');
  io.err(`watch it:     kubectl -n ${namespace} logs -f job/${job}`);
  io.err(`take it away: kubectl -n ${namespace} delete job/${job} networkpolicy/${job} configmap/${job}-files`);
  if (namespace !== backup.namespace)
    io.err(
      `needs Secret ${namespace}/${copy.keySecret.name} with the key ${copy.keySecret.key}: docs/restore.md#into-a-claim`,
    );
  return 0;
}
