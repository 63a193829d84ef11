import { z } from 'zod';
import { lineOfText } from '../stored-text.js';
import type { ItemKind } from './item-kind.js';
import { postFields, url } from './post-fields.js';

export const jobFields = {
  company: lineOfText(1, 80),
  location: lineOfText(1, 80),
  remote: z.boolean(),
};

const args = z.strictObject({
  kind: z.literal('job'),
  ...postFields,
  /** Where one applies. */
  url,
  company: jobFields.company,
  location: jobFields.location.or(z.literal('')).default(''),
  remote: jobFields.remote.default(false),
});

export const job: ItemKind<typeof args> = {
  args,
  toItem: ({ company, location, remote, ...post }) => ({
    ...post,
    job: { company, location, remote },
  }),
};
