/** What there is to restore, as a table that is read at a glance and as data. */
import { isVolumeOf, tryFindClaim } from '../../cluster/volume-name.js';
import type { Snapshot, Volume } from './listing.js';

const HEAD = ['SNAPSHOT (UTC)', 'VOLUME', 'FILES', 'SIZE', 'READ BACK', 'WHILE IT WAS COPIED'] as const;
const RIGHT = [2, 3];

/** The snapshots with only the volumes that this name means; those without any are left out. */
export const ofVolume = (snapshots: readonly Snapshot[], name: string): readonly Snapshot[] =>
  snapshots
    .map((snapshot) => ({ ...snapshot, volumes: snapshot.volumes.filter((volume) => isVolumeOf(volume.name, name)) }))
    .filter(({ volumes }) => volumes.length > 0);

/** What its volumes may be called. */
export const volumeNames = (snapshots: readonly Snapshot[]): readonly string[] =>
  snapshots.flatMap(({ volumes }) => volumes.flatMap(({ name }) => [tryFindClaim(name) ?? name, name]));

/** Volumes that were read back and were not what had been copied. */
export const knownBad = (snapshots: readonly Snapshot[]): readonly Volume[] =>
  snapshots.flatMap(({ volumes }) => volumes.filter(({ verified }) => verified?.equal === false));

/** A line for each volume, the newest snapshot first. */
export function drawListing(snapshots: readonly Snapshot[]): readonly string[] {
  const rows = snapshots.flatMap((snapshot) => [
    ...snapshot.volumes.map((volume, index) => [
      index === 0 ? snapshot.name : '',
      nameIn(snapshot, volume),
      grouped(volume.files),
      size(volume.bytes),
      volume.verified === null ? 'never' : `${volume.verified.equal ? '' : 'NOT EQUAL '}${day(volume.verified.at)}`,
      while_(volume),
    ]),
    ...(snapshot.until === null ? [] : [[`  held until ${minute(snapshot.until)}`]]),
  ]);
  // A line about a whole snapshot is no column of its table.
  const table = rows.filter(({ length }) => length === HEAD.length);
  const widths = HEAD.map((head, column) => Math.max(head.length, ...table.map((row) => row[column]?.length ?? 0)));
  return [HEAD, ...rows].map((row) =>
    row
      .map((cell, column) =>
        RIGHT.includes(column) ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0),
      )
      .join('  ')
      .trimEnd(),
  );
}

/** `namespace/claim` where that means one folder of the snapshot, otherwise the folder. */
function nameIn({ volumes }: Snapshot, { name }: Volume): string {
  const claim = tryFindClaim(name);
  return claim !== undefined && volumes.filter((other) => tryFindClaim(other.name) === claim).length === 1
    ? claim
    : name;
}

function while_({ changing, consistency }: Volume): string {
  if (changing !== null && changing > 0) return `${consistency}, ${grouped(changing)} changed`;
  return consistency;
}

/** The same as data; times in ISO 8601. */
export const jsonListing = (snapshots: readonly Snapshot[]) =>
  snapshots.map((snapshot) => ({
    ...snapshot,
    taken: iso(snapshot.taken),
    until: snapshot.until === null ? null : iso(snapshot.until),
    volumes: snapshot.volumes.map((volume) => ({
      ...volume,
      claim: tryFindClaim(volume.name) ?? null,
      verified: volume.verified === null ? null : { ...volume.verified, at: iso(volume.verified.at) },
    })),
  }));

const iso = (seconds: number): string => `${new Date(seconds * 1_000).toISOString().slice(0, 19)}Z`;
const day = (seconds: number): string => iso(seconds).slice(0, 10);
const minute = (seconds: number): string => iso(seconds).slice(0, 16).replace('T', ' ');

/** `12,345`: written here, because a locale of the machine would change it. */
const grouped = (count: number): string => String(count).replaceAll(/\B(?=(\d{3})+$)/g, ',');

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

function size(bytes: number): string {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  const value = bytes / 1_024 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${UNITS[power]}`;
}
