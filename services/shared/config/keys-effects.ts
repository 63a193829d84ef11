import { optional, withDefault } from './key.js';
import { contact, httpUrl, vapidSecret } from './values-effects.js';

export const effectKeys = {
  QUITTANCE_SITE_URL: withDefault(httpUrl, 'http://127.0.0.1:8420', {
    description:
      'Where people read the site: links in texts that begin so, or with /items/, are links to its items.',
  }),
  QUITTANCE_VAPID_KEY: optional(vapidSecret, {
    description:
      'The private key for push services (VAPID): 32 bytes, base64url. Without it no pushes are sent. For example from: openssl rand 32 | basenc --base64url | tr -d =.',
    secret: true,
  }),
  QUITTANCE_VAPID_CONTACT: withDefault(contact, 'mailto:operator@localhost', {
    description: 'Whom push services write to when something is wrong: mailto: or https:.',
  }),
};
