import {
  collectedTransmissionAnswer,
  draftAnswer,
  openedTransmissionAnswer,
  transmissionAnswer,
  transmissionPageAnswer,
} from './guards.js';
import type { CallOptions, Transport } from './transport.js';
import type {
  CollectedTransmission,
  Draft,
  Transmission,
  TransmissionPage,
} from './transmission-types.js';
import type { PageRequest } from './types.js';

export type OpenTransmissionRequest = {
  /** Default 1. */
  readonly channel?: number;
  /** Left out on channels that cost nothing. */
  readonly bidMsat?: string;
  /** Numbers 0 to 5. Default: all. */
  readonly regions?: readonly number[];
} & ({ readonly text: string } | { readonly message: Uint8Array } | { readonly draftId: string });

export interface OpenedTransmission {
  readonly transmission: Transmission;
  /** Keep it: every other call needs it. */
  readonly token: string;
  readonly replayed: boolean;
}

/** For calls about one transmission: its token is sent. */
export interface TransmissionOptions extends CallOptions {
  readonly transmissionToken: string;
}

/** Messages sent by satellite. Methods throw as those of QuittanceClient do. */
export class TransmissionsClient {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  /** Keeps a message for a day; its id stands for the bytes, also in the input of the workflow `transmissionOrder`. */
  storeDraft(message: Uint8Array, options: CallOptions = {}): Promise<Draft> {
    const body = { message: base64(message) };
    return this.#transport.post('/v1/transmissions/drafts', body, draftAnswer, options);
  }

  /** Opens a transmission; it is paid by the invoice of its bid. */
  async open(
    request: OpenTransmissionRequest,
    options: CallOptions = {},
  ): Promise<OpenedTransmission> {
    const body = 'message' in request ? { ...request, message: base64(request.message) } : request;
    const { value, replayed } = await this.#transport.call({
      ...options,
      ...{ method: 'POST', path: '/v1/transmissions', body, answer: openedTransmissionAnswer },
    });
    const { token, ...transmission } = value;
    return { transmission, token, replayed };
  }

  /** With the progress in each region. */
  get(id: string, options: TransmissionOptions): Promise<Transmission> {
    return this.#transport.get(pathOf(id), transmissionAnswer, withToken(options));
  }

  /** Of a channel, newest first. */
  list(
    page: PageRequest & { readonly channel?: number } = {},
    options: CallOptions = {},
  ): Promise<TransmissionPage> {
    return this.#transport.get('/v1/transmissions', transmissionPageAnswer, options, { ...page });
  }

  /** Raises the bid by another invoice: the last of the answer. */
  bump(id: string, amountMsat: string, options: TransmissionOptions): Promise<Transmission> {
    const path = `${pathOf(id)}/bump`;
    return this.#transport.post(path, { amountMsat }, transmissionAnswer, withToken(options));
  }

  cancel(id: string, options: TransmissionOptions): Promise<Transmission> {
    return this.#transport.post(`${pathOf(id)}/cancel`, {}, transmissionAnswer, withToken(options));
  }

  /** What was paid for a transmission that was not sent, or too late, becomes the account's: as credits, or as sats to be withdrawn. */
  collect(
    id: string,
    asset: 'CREDITS' | 'SATS',
    options: TransmissionOptions,
  ): Promise<CollectedTransmission> {
    const path = `${pathOf(id)}/claims/collect`;
    return this.#transport.post(path, { asset }, collectedTransmissionAnswer, withToken(options));
  }

  /**
   * The same to an invoice, without an account; its fee is within what is owed. What became of it: the last of `withdrawals`. What failed
   * is owed again.
   */
  withdraw(
    id: string,
    request: { bolt11: string; amountMsat?: string; maxFeeMsat?: string },
    options: TransmissionOptions,
  ): Promise<Transmission> {
    const path = `${pathOf(id)}/claims/withdraw`;
    return this.#transport.post(path, request, transmissionAnswer, withToken(options));
  }
}

function withToken({ transmissionToken, ...options }: TransmissionOptions): CallOptions {
  return { ...options, capability: transmissionToken };
}

function pathOf(id: string): string {
  return `/v1/transmissions/${encodeURIComponent(id)}`;
}

function base64(bytes: Uint8Array): string {
  // In pieces: a call takes a bounded number of arguments.
  let binary = '';
  for (let at = 0; at < bytes.length; at += 8192) {
    binary += String.fromCharCode(...bytes.subarray(at, at + 8192));
  }
  return btoa(binary);
}
