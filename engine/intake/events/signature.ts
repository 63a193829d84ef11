import { createHmac, timingSafeEqual } from 'node:crypto';

const SIGNATURE_BYTES = 32;

/** Whether the body was signed with any of the secrets: base64 of the HMAC-SHA256 over its bytes. Takes as long for each of them. */
export function isSigned(body: Buffer, signature: string, secrets: readonly string[]): boolean {
  const given = Buffer.from(signature, 'base64');
  if (given.length !== SIGNATURE_BYTES) return false;
  let right = false;
  for (const secret of secrets.flatMap(formsOf)) {
    const expected = createHmac('sha256', secret).update(body).digest();
    if (timingSafeEqual(expected, given)) right = true;
  }
  return right;
}

/** Stores keep a secret with HTML entities; older ones sign with that form, newer ones with what it stands for. */
function formsOf(secret: string): string[] {
  const encoded = secret.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);
  return encoded === secret ? [secret] : [secret, encoded];
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#039;',
};
