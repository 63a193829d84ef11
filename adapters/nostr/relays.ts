import WebSocket, { type RawData } from 'ws';
import { z } from 'zod';
import { isPublicName, publicLookup } from '../lightning/wallets/public-https.js';
import type { NostrEvent, NostrRelays } from './port.js';

const TIMEOUT_MS = 10_000;
/** More than an answer has. */
const MAX_BYTES = 64 * 1024;

const okMessage = z.tuple([z.literal('OK'), z.string(), z.boolean()]).rest(z.unknown());

/** Opens a connection to a relay, of which the address comes from a stranger. */
type Connect = (relay: string) => WebSocket;

/** Only names over TLS, and no address of our own networks. */
function connectPublic(relay: string): WebSocket {
  const url = new URL(relay);
  if (!isPublicName(url, 'wss:')) throw new Error('only wss and names are called');
  return new WebSocket(url, {
    ...{ lookup: publicLookup, handshakeTimeout: TIMEOUT_MS, maxPayload: MAX_BYTES },
    ...{ followRedirects: false, perMessageDeflate: false },
  });
}

/** Relays over WebSocket (NIP-01, NIP-20): a connection for each event. */
export function createNostrRelays(connect: Connect = connectPublic): NostrRelays {
  return { publish: (relay, event) => publish(connect(relay), event) };
}

function publish(socket: WebSocket, event: NostrEvent): Promise<'accepted' | 'refused'> {
  return new Promise<'accepted' | 'refused'>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('the relay does not answer')), TIMEOUT_MS);
    socket.once('open', () => socket.send(JSON.stringify(['EVENT', event])));
    socket.on('message', (data) => {
      const answer = readOk(textOf(data));
      if (answer?.[1] === event.id) resolve(answer[2] ? 'accepted' : 'refused');
    });
    socket.once('error', reject);
    socket.once('close', () => {
      clearTimeout(timer);
      reject(new Error('the relay closed the connection'));
    });
  }).finally(() => socket.terminate());
}

/** Of a message, which comes in one of three forms. */
function textOf(data: RawData): string {
  if (data instanceof ArrayBuffer) return Buffer.from(data).toString();
  return (Array.isArray(data) ? Buffer.concat(data) : data).toString();
}

function readOk(text: string): z.output<typeof okMessage> | undefined {
  try {
    return okMessage.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined;
  }
}
