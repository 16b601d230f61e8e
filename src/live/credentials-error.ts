/** What says who we are leads to no credentials. Its message names no secret. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
}
