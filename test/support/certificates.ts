import { mkdirSync } from 'node:fs';
import { run } from './command.ts';
import { otherAddress } from './network-namespace.ts';

/** Folders with `ca.pem`, `cert.pem` and `key.pem` each: of an engine, of its client, and of a stranger. */
export interface Certificates {
  readonly engine: string;
  readonly client: string;
  /** Signed by a CA that the engine does not know. */
  readonly stranger: string;
}

async function openssl(...args: string[]): Promise<void> {
  const { code, stderr } = await run('openssl', args);
  if (code !== 0) throw new Error(`openssl ${args.join(' ')}: ${stderr}`);
}

const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1'];

async function authority(directory: string, name: string): Promise<string[]> {
  const files = [`${directory}/${name}.pem`, `${directory}/${name}.key`] as const;
  await openssl('req', '-x509', ...key, '-subj', `/CN=${name}`, '-out', files[0], '-keyout', files[1]);
  return ['-CA', files[0], '-CAkey', files[1]];
}

/** Makes a folder's certificate; what it trusts is the CA of the name. */
async function certificate(
  directory: string,
  signer: string[],
  trusted: string,
  use: string,
): Promise<string> {
  mkdirSync(directory, { recursive: true });
  const names = `subjectAltName=DNS:localhost,IP:127.0.0.1,IP:${otherAddress}`;
  const extensions = ['-addext', names, '-addext', `extendedKeyUsage=${use}`];
  const files = ['-out', `${directory}/cert.pem`, '-keyout', `${directory}/key.pem`];
  await openssl('req', '-x509', ...signer, ...key, '-subj', '/CN=davit', ...extensions, ...files);
  await run('cp', [trusted, `${directory}/ca.pem`]);
  return directory;
}

/** Makes certificates for an engine on loopback addresses in a folder. */
export async function makeCertificates(directory: string): Promise<Certificates> {
  mkdirSync(directory, { recursive: true });
  const ours = await authority(directory, 'ours');
  const other = await authority(directory, 'other');
  const trusted = `${directory}/ours.pem`;
  const [engine, client, stranger] = await Promise.all([
    certificate(`${directory}/engine`, ours, trusted, 'serverAuth'),
    certificate(`${directory}/client`, ours, trusted, 'clientAuth'),
    certificate(`${directory}/stranger`, other, trusted, 'clientAuth'),
  ]);
  return { engine, client, stranger };
}
