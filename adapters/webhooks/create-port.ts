import { isIP } from 'node:net';
import { addressKinds, type AllowedNetworks } from './allowed-address.js';
import type { WebhookPort } from './port.js';
import { newSecret, verificationKey } from './signature.js';

export function createWebhookPort(networks: AllowedNetworks): WebhookPort {
  const kindOf = addressKinds(networks);
  return {
    newSecret,
    verificationKey,
    refusalOf: (text) => {
      const url = URL.canParse(text) ? new URL(text) : undefined;
      if (url === undefined) return 'must be an address like https://example.com/webhooks';
      const mayBeHttp = networks.length > 0;
      if (url.protocol !== 'https:' && !(mayBeHttp && url.protocol === 'http:')) {
        return 'must be https';
      }
      if (url.username !== '' || url.password !== '') return 'must have no user name or password';
      const host = url.hostname.replace(/^\[|\]$/g, '');
      const kind = isIP(host) === 0 ? undefined : kindOf(host);
      if (kind === 'refused') return 'must be a public address';
      if (kind === 'public' && url.protocol !== 'https:') return 'must be https';
      return undefined;
    },
  };
}
