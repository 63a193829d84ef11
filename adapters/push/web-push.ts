import { postPublic, type PostAnswer } from '../lightning/wallets/public-https.js';
import { encryptPush } from './encrypt.js';
import type { PushDevice, PushMessage, PushPort } from './port.js';
import type { VapidKey } from './vapid.js';

const TIMEOUT_MS = 10_000;
/** How long the push service keeps it for a device that is away. */
const KEEP_SECONDS = 24 * 3600;

type Post = (
  url: URL,
  request: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer },
  signal: AbortSignal,
) => Promise<PostAnswer>;

/**
 * Sends to the push services of browsers. Their addresses come from users, so only public ones are called (see {@link postPublic});
 * `post` is another way for tests.
 */
export function createWebPush(vapid: VapidKey, post: Post = postPublic): PushPort {
  return {
    send: async (device: PushDevice, { text, topic }: PushMessage) => {
      const body = encryptPush(device, Buffer.from(text));
      const headers = {
        authorization: vapid.authorization(device.endpoint),
        'content-type': 'application/octet-stream',
        'content-encoding': 'aes128gcm',
        ttl: KEEP_SECONDS.toString(),
        urgency: 'normal',
        topic,
      };
      const { status } = await post(
        new URL(device.endpoint),
        { headers, body },
        AbortSignal.timeout(TIMEOUT_MS),
      );
      if (status >= 200 && status < 300) return 'delivered';
      if (status === 404 || status === 410) return 'gone';
      throw new Error(`the push service answered ${status}`);
    },
  };
}
