import { readFileSync } from 'node:fs';
import type { Pool } from 'pg';
import { createChat } from '../../adapters/chat/webhook.js';
import { createSmtp } from '../../adapters/mail/smtp.js';
import type { Senders } from '../../engine/intake/incidents/send.js';
import { derivedStoreKeys } from '../../engine/intake/secrets.js';
import type { Config } from '../shared/config.js';

/** What notices leave by, from the configuration. */
export function createSenders(config: Config, pool: Pool): Senders {
  const { smtpUrl, smtpCa, mailFrom, secret } = config;
  return {
    pool,
    chat: createChat(),
    mail:
      smtpUrl === undefined
        ? null
        : createSmtp({
            ...{ url: smtpUrl, from: mailFrom },
            ...(smtpCa === undefined ? {} : { ca: readFileSync(smtpCa, 'utf8') }),
          }),
    keys: derivedStoreKeys(secret),
    mailDomain: /@([^<>\s@]+)>?$/.exec(mailFrom)?.[1] ?? 'localhost',
  };
}
