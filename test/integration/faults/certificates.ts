import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A certificate that signs itself, of 127.0.0.1, and its key: as texts, and where they are. */
export interface OwnCertificate {
  readonly cert: string;
  readonly key: string;
  /** The path of the certificate. */
  readonly path: string;
}

/** Makes a certificate with openssl. */
export function ownCertificate(folder: string, name: string): OwnCertificate {
  const path = join(folder, `${name}.crt`);
  const keyPath = join(folder, `${name}.key`);
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const about = ['-days', '2', '-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1'];
  const files = ['-keyout', keyPath, '-out', path];
  execFileSync('openssl', ['req', '-x509', ...kind, ...about, ...files], { stdio: 'pipe' });
  return { cert: readFileSync(path, 'utf8'), key: readFileSync(keyPath, 'utf8'), path };
}
