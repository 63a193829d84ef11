import { z } from 'zod';

/** The most participants of one line item. */
export const MOST_OF_AN_ITEM = 200;

const keys = z.array(z.string().min(1).max(100)).max(20);

const SUBJECT = 'Your registration: {{product}}';
const TEXT = `Hello {{name}},

you are registered for {{product}} (order {{order}}, participant {{position}}).

{{fields}}
Please bring this slip with you.

{{store}}
`;
const HTML = `<p>Hello {{name}},</p>
<p>you are registered for <strong>{{product}}</strong> (order {{order}}, participant {{position}}).</p>
{{fields}}
<p>Please bring this slip with you.</p>
<p>{{store}}</p>
`;

const template = (most: number) => z.string().min(1).max(most);

/** Which orders have participants, where their data is, and what their slips say. */
export const slipRules = z.object({
  /** Statuses in which participants are read from an order. */
  statuses: z.array(z.string().min(1).max(200)).min(1).max(20).default(['processing', 'completed']),
  /** Ids of products that participants register for; null: all. */
  products: z
    .array(z.string().regex(/^\d{1,18}$/))
    .max(1000)
    .nullable()
    .default(null),
  /**
   * Keys of metadata, of the line item first and then of the order. `{n}` stands for the position. Several values of one key are of
   * the participants in their order; a single one is of all.
   */
  nameKeys: keys.default(['participant_name', 'attendee_name']),
  emailKeys: keys.default(['participant_email', 'attendee_email']),
  /** Others, kept and shown by their keys. */
  fieldKeys: keys.default([]),
  subject: template(200).default(SUBJECT),
  text: template(20_000).default(TEXT),
  html: template(100_000).default(HTML),
  /** Mails slips of orders that no delivery told of as well. */
  mailRecovered: z.boolean().default(false),
  /** After so long without its slips, an order is an incident. In the store's time. */
  graceSeconds: z.number().min(0).default(900),
});
export type SlipRules = z.output<typeof slipRules>;

/** An order in such a status has no participants any more. */
export function endsRegistration(status: string): boolean {
  return ['cancelled', 'refunded', 'failed', 'trash', 'deleted'].includes(status);
}
