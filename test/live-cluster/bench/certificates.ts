/** The bench's own authority and one certificate for everything that listens on its address. */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Certificates {
  readonly ca: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Signs the tokens of ServiceAccounts. */
  readonly serviceAccountKeyFile: string;
}

export function makeCertificates(folder: string, address: string): Certificates {
  const file = (name: string): string => join(folder, name);
  const openssl = (...args: readonly string[]): void => {
    execFileSync('openssl', args, { cwd: folder, stdio: ['ignore', 'ignore', 'pipe'], timeout: 20_000 });
  };
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  writeFileSync(file('names'), `subjectAltName=IP:${address},IP:127.0.0.1,DNS:localhost,DNS:kubernetes.default.svc\n`);
  openssl('req', '-x509', ...key, '-keyout', 'ca.key', '-out', 'ca.crt', '-days', '2', '-subj', '/CN=bench');
  openssl('req', ...key, '-keyout', 'server.key', '-out', 'server.csr', '-subj', '/CN=server');
  openssl(
    ...['x509', '-req', '-in', 'server.csr', '-CA', 'ca.crt', '-CAkey', 'ca.key', '-CAcreateserial'],
    ...['-days', '2', '-extfile', 'names', '-out', 'server.crt'],
  );
  openssl('ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', 'service-accounts.key');
  return {
    ca: readFileSync(file('ca.crt'), 'utf8'),
    certificateFile: file('server.crt'),
    keyFile: file('server.key'),
    serviceAccountKeyFile: file('service-accounts.key'),
  };
}
