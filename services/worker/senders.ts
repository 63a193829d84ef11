import { readFileSync } from 'node:fs';
import { createChat } from '../../adapters/chat/webhook.js';
import { createSmtp } from '../../adapters/mail/smtp.js';
import type { IntakeContext } from '../../engine/intake/context.js';
import type { Senders } from '../../engine/intake/incidents/send.js';
import type { Config } from '../shared/config.js';

/** What notices leave by, from the configuration. */
export function createSenders(config: Config, { pool, keys }: IntakeContext): Senders {
  const { smtpUrl, smtpCa, mailFrom } = config;
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
    keys,
    mailDomain: /@([^<>\s@]+)>?$/.exec(mailFrom)?.[1] ?? 'localhost',
  };
}
