import { WebSocket } from 'ws';
import { isPublicName, publicLookup } from './public-https.js';

const MAX_BYTES = 64 * 1024;

/** To a relay whose address comes from a stranger: names over TLS, at public addresses, without redirects, 64 KiB a message. */
export class PublicSocket extends WebSocket {
  constructor(url: string) {
    if (!isPublicName(new URL(url), 'wss:')) throw new Error('only wss and names are asked');
    super(url, { lookup: publicLookup, followRedirects: false, maxPayload: MAX_BYTES });
  }
}

/** For development only. */
export class AnySocket extends WebSocket {
  constructor(url: string) {
    super(url, { maxPayload: MAX_BYTES });
  }
}
