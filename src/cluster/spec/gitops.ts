/** Where the manifests live and who syncs them. */
export interface GitopsSpec {
  /** The repository's URL as Argo CD knows it. */
  readonly repoUrl: string;

  /**
   * The branch, tag or commit that Argo CD follows.
   *
   * @default 'main'
   */
  readonly revision?: string;

  /**
   * The folder in the repository that holds this cluster's manifests.
   *
   * @default 'dist/<name>'
   */
  readonly path?: string;

  /**
   * The namespace that Argo CD runs in.
   *
   * @default 'argocd'
   */
  readonly namespace?: string;

  /**
   * What the names of the generated Applications begin with, so that they cannot take over an Application that
   * is already there.
   *
   * @default 'selfheal-'
   */
  readonly applicationPrefix?: string;
}
