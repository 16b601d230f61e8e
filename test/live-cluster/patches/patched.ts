/** What we generate for patches of foreign objects, committed to a bench's repository and synced by its Argo CD. */
import { FOREIGN } from '../../../src/argo/sync-options.js';
import type { Cluster } from '../../../src/cluster/cluster.js';
import { type Files, layOut } from '../../../src/manifest/layout.js';
import type { LiveObject } from '../../../src/manifest/live-object.js';
import type { Manifest, PlacedManifest } from '../../../src/manifest/manifest.js';
import { renderCluster } from '../../../src/synth/render.js';
import { at } from '../../support/change.js';
import type { Bench } from '../bench/bench.js';
import { applicationOf } from '../support/applications.js';

/** Changes an object on its way into Git, for a test that shows what a protection is for. Null: it is left out. */
export type Change = (object: PlacedManifest) => Manifest | null;

/** Seconds: Argo CD tries again after a pause that doubles each time, up to three minutes. */
const LONG = 150;

const asItIs: Change = ({ manifest }) => manifest;

/** Synced by itself, retried and healed as generated; only its owner is not there. */
export class Patched {
  constructor(
    readonly bench: Bench,
    readonly cluster: Cluster,
    readonly folders: readonly string[],
  ) {}

  get applications(): readonly string[] {
    return this.folders.map((folder) => `${this.cluster.gitops.applicationPrefix}${folder}`);
  }

  /** The folders' files and those of their Applications, as synth writes them. */
  files(changes: Partial<Cluster> = {}, change: Change = asItIs): Files {
    const cluster: Cluster = {
      ...this.cluster,
      ...changes,
      gitops: { ...this.cluster.gitops, repoUrl: this.bench.repository.url },
    };
    const objects = renderCluster(cluster)
      .filter(({ application, manifest }) => this.folders.includes(application) || this.#isOurs(manifest))
      .flatMap((object) => {
        const manifest = change(object);
        return manifest === null ? [] : [{ ...object, manifest }];
      });
    return layOut(cluster.gitops.path, objects);
  }

  #isOurs = ({ kind, metadata: { name } }: Manifest): boolean =>
    kind === 'AppProject' || (kind === 'Application' && this.applications.includes(name));

  /** Commits, applies the Applications as the root would, and lets Argo CD look. */
  commit(files: Files): string {
    const revision = this.bench.repository.commit(files, 'bench');
    const argocd = [...files].filter(([path]) => path.includes('/argocd/')).map(([, text]) => text);
    this.bench.kubectl(['apply', '--server-side', '--force-conflicts', '-f', '-'], argocd.join('\n---\n'));
    this.look();
    return revision;
  }

  look(): void {
    for (const application of this.applications) this.bench.refresh(application);
  }

  async sync(files: Files): Promise<string> {
    const revision = this.commit(files);
    for (const application of this.applications)
      await this.bench.until(
        `${application} is synced with ${revision.slice(0, 7)}`,
        () => {
          const { sync, revision: compared, phase, message } = applicationOf(this.bench, application);
          // A new Application on an object that is right already has nothing to do.
          if (sync === 'Synced' && compared === revision && ['Succeeded', ''].includes(phase)) return true;
          throw new Error(`${sync} with ${compared}, ${phase}: ${message}`);
        },
        LONG,
      );
    return revision;
  }

  /** Waits until Argo CD has tried in vain to patch an object that is not there. */
  async untilRefused(): Promise<void> {
    for (const application of this.applications)
      await this.bench.until(`a try of ${application} was refused`, () => {
        const { phase, message } = applicationOf(this.bench, application);
        if (message.includes('selector: Required value')) return true;
        throw new Error(`${phase}: ${message}`);
      });
  }

  /** Waits until the object's field is so; fails with what it is. */
  async untilField(
    [kind, name, namespace]: readonly [string, string, string],
    path: string,
    expected: unknown,
    seconds = LONG,
  ): Promise<LiveObject> {
    return this.bench.until(
      `${path} of ${kind} ${name}`,
      () => {
        const object = this.bench.get(kind, name, namespace);
        const found = JSON.stringify(at(object, path));
        if (object !== undefined && found === JSON.stringify(expected)) return object;
        throw new Error(`expected ${JSON.stringify(expected)}, got ${object === undefined ? 'no object' : found}`);
      },
      seconds,
    );
  }

  /** Waits until Argo CD has compared this revision, whatever came of it. */
  async untilCompared(revision: string): Promise<void> {
    for (const application of this.applications)
      await this.bench.until(`${application} was compared with ${revision.slice(0, 7)}`, () =>
        applicationOf(this.bench, application).revision === revision ? true : undefined,
      );
  }
}

/** An Application's manifest with other sync settings. */
export const withSyncPolicy = (manifest: Manifest, policy: object): Manifest => {
  const spec = Object(manifest.spec);
  return { ...manifest, spec: { ...spec, syncPolicy: { ...Object(spec.syncPolicy), ...policy } } };
};

export const isForeign = ({ manifest }: PlacedManifest): boolean =>
  manifest.metadata.annotations?.[FOREIGN] !== undefined;

/** The object again, as its owner makes it: nothing of what the server added. */
export function freshFrom(object: LiveObject): Manifest {
  const { apiVersion, kind, metadata, spec } = object;
  const { name, namespace, labels } = metadata;
  return { apiVersion, kind, metadata: { name, ...(namespace && { namespace }), ...(labels && { labels }) }, spec };
}
