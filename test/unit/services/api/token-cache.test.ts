import { Pool } from 'pg';
import { beforeEach, expect, it } from 'vitest';
import { type Authenticated, newToken } from '../../../../engine/accounts/tokens.js';
import { TokenCache } from '../../../../services/api/v1/token-cache.js';

const token = newToken();
const alice: Authenticated = { id: '1', name: 'alice', role: 'user', scopes: [], tokenId: '1' };
/** Never connected: look-ups are answered here. */
const pool = new Pool();

let isRevoked: boolean;
let lookUps: (() => void)[];
let cache: TokenCache;
beforeEach(() => {
  isRevoked = false;
  lookUps = [];
  cache = new TokenCache(60_000, async () => {
    const account = isRevoked ? undefined : alice;
    await new Promise<void>((resolve) => lookUps.push(resolve));
    return account;
  });
});

function answerAll(): void {
  for (const answer of lookUps.splice(0)) answer();
}

async function authenticated(): Promise<Authenticated | undefined> {
  const asked = cache.authenticate(pool, token);
  answerAll();
  return asked;
}

it('a token is looked up once, and again after tokens were revoked', async () => {
  expect(await authenticated()).toBe(alice);
  isRevoked = true;
  expect(await authenticated()).toBe(alice);
  cache.clear();
  expect(await authenticated()).toBeUndefined();
});

it('what was read before a revocation is not kept after its answer', async () => {
  const before = cache.authenticate(pool, token);
  isRevoked = true;
  cache.clear();
  answerAll();
  // That request had begun before.
  expect(await before).toBe(alice);
  expect(await authenticated()).toBeUndefined();
});
