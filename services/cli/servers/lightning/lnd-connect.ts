import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Lnd } from './lnd.js';

/** An lndconnect URI with lnd's own macaroon for invoices, which cannot spend. */
export async function lndConnect({ files }: Pick<Lnd, 'files'>): Promise<string> {
  const pem = await readFile(files.certificate, 'utf8');
  const certificate = Buffer.from(pem.replaceAll(/-----[A-Z ]+-----|\s/g, ''), 'base64');
  const macaroon = await readFile(join(dirname(files.macaroon), 'invoice.macaroon'));
  const query = `cert=${certificate.toString('base64url')}&macaroon=${macaroon.toString('base64url')}`;
  return `lndconnect://${files.address}?${query}`;
}
