import { createECDH } from 'node:crypto';
import { z } from 'zod';

export { httpUrl } from './values.js';

/** A private key of P-256. */
export const vapidSecret = z
  .string()
  .regex(/^[A-Za-z0-9_-]{43}$/, 'must be 32 bytes, base64url')
  .refine(isKey, 'must be a private key of P-256');

function isKey(text: string): boolean {
  try {
    createECDH('prime256v1').setPrivateKey(Buffer.from(text, 'base64url'));
    return true;
  } catch {
    return false;
  }
}

export const contact = z
  .string()
  .regex(/^(mailto:\S+@\S+|https:\/\/\S+)$/, 'must be mailto: or https:');
