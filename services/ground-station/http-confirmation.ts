import type { ConfirmationKind } from '../../domain/transmissions/confirmation.js';
import type { Logger } from '../shared/logger.js';
import { retry } from '../shared/retry.js';

export interface HttpConfirming {
  readonly apiUrl: string;
  readonly token: string | undefined;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

const TIMEOUT_MS = 10_000;

/** Confirms as the peer's stations do, until it is answered: POST /order/tx/SEQ or /order/rx/SEQ. */
export async function confirmByHttp(
  { apiUrl, token, logger, signal }: HttpConfirming,
  kind: ConfirmationKind,
  txSeqNum: number,
  region: number,
): Promise<void> {
  const body = new URLSearchParams(
    kind === 'tx' ? { regions: JSON.stringify([region]) } : { region: String(region) },
  );
  const post = async (): Promise<void> => {
    const response = await fetch(new URL(`/order/${kind}/${txSeqNum}`, apiUrl), {
      method: 'POST',
      body,
      headers: bearer(token),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    await response.body?.cancel();
    // A number that is not known is of data that was reset.
    if (!response.ok && response.status !== 404) throw new Error(`it answers ${response.status}`);
  };
  await retry(post, {
    signal,
    onFailure: (err) =>
      logger.warn({ err, kind, region, txSeqNum }, 'could not confirm over HTTP: trying again'),
  });
}

/** What a station shows to the guarded routes. */
export function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}
