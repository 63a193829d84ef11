import type { Binary, ProgramSpec } from '../binary.js';
import { buildWithGo } from '../go-build.js';
import type { LaunchContext } from '../types.js';

const LND: ProgramSpec = { name: 'lnd', version: /(\d+)\.(\d+)\.(\d+)/, minimum: [0, 21] };
const BTCD: ProgramSpec = { name: 'btcd', version: /(\d+)\.(\d+)\.(\d+)/, minimum: [0, 24] };

/** lnd's own test build: weak hashing of passwords, so that a wallet opens at once. Never for real money. */
const module = { module: 'lightning', tags: 'integration,invoicesrpc' };

export interface LightningBinaries {
  readonly lnd: Binary;
  readonly btcd: Binary;
}

/** Built one after the other: each uses all processors. Throws NotAvailable. */
export async function lightningBinaries(
  context: Pick<LaunchContext, 'env' | 'report' | 'signal'>,
): Promise<LightningBinaries> {
  const btcd = await buildWithGo(
    { ...module, goPackage: 'github.com/btcsuite/btcd' },
    BTCD,
    context,
  );
  const lnd = await buildWithGo(
    { ...module, goPackage: 'github.com/lightningnetwork/lnd/cmd/lnd' },
    LND,
    context,
  );
  return { lnd, btcd };
}
