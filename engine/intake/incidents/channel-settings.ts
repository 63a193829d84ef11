import { z } from 'zod';

const digest = z.boolean().default(true).meta({ description: 'Whether it gets the daily digest.' });

/** An address as mail servers take it; what may stand in a header and not more. */
export const mailAddress = z.email().max(254);

export const mailSettings = z.strictObject({
  to: z.array(mailAddress).min(1).max(20),
  digest,
});

export const chatSettings = z.strictObject({ digest });

/** Where incoming webhooks are; with a secret in the path. Plain HTTP reaches this machine only. */
export const hookUrl = z
  .url({ protocol: /^https?$/ })
  .max(1000)
  .refine(
    (text) => text.startsWith('https:') || /^http:\/\/(127\.0\.0\.1|localhost)[:/]/.test(text),
    'must be https',
  );

/** What the secret of a channel is encrypted for. */
export function secretName(store: string, name: string): string {
  return `channel/${store}/${name}`;
}
