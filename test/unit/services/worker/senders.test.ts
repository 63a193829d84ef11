import { expect, test } from 'vitest';
import { decryptSecret, encryptSecret } from '../../../../engine/stored-secrets.js';
import { createIntakeContext } from '../../../../services/shared/intake-context.js';
import { loadConfig } from '../../../../services/shared/config.js';
import { createSenders } from '../../../../services/worker/senders.js';
import { testPool } from '../../../support/empty-database.js';

const SERVERS = {
  DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none',
  NATS_URL: 'nats://127.0.0.1:1',
  TEMPORAL_ADDRESS: '127.0.0.1:1',
};
const KEY = `1:${'ab'.repeat(32)},2:${'cd'.repeat(32)}`;

function sendersOf(env: Readonly<Record<string, string>>) {
  const config = loadConfig({ ...SERVERS, ...env });
  const pool = testPool(SERVERS.DATABASE_URL, 1);
  const context = createIntakeContext(config, { pool, outboxChanged: () => undefined });
  return { context, senders: createSenders(config, context) };
}

test('senders decrypt the secrets of channels with the keys of stores, the older ones too', () => {
  const { context, senders } = sendersOf({ QUITTANCE_STORE_KEY: KEY });
  expect(senders.keys).toBe(context.keys);
  const old = sendersOf({ QUITTANCE_STORE_KEY: KEY.split(',')[0] ?? '' });
  const secret = encryptSecret(old.context.keys, 'channel/shop/chat', 'https://chat.example/hook');
  expect(decryptSecret(senders.keys, 'channel/shop/chat', secret)).toBe(
    'https://chat.example/hook',
  );
  const other = sendersOf({ QUITTANCE_STORE_KEY: `1:${'00'.repeat(32)}` });
  expect(() => decryptSecret(other.senders.keys, 'channel/shop/chat', secret)).toThrow();
});

test('without a mail server there is no mail, and Message-IDs end in the domain of the sender', () => {
  expect(sendersOf({}).senders.mail).toBeNull();
  const given = { QUITTANCE_MAIL_FROM: 'Shop <slips@shop.example>' };
  const { senders } = sendersOf({ ...given, QUITTANCE_SMTP_URL: 'smtps://u:p@mail.example' });
  expect(senders.mail).not.toBeNull();
  expect(senders.mailDomain).toBe('shop.example');
});
