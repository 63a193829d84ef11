import { POST_TYPES } from '../../../../engine/territories/settings.js';
import type { Field } from './fields.js';

/** What the owner of a territory decides. */
export const TERRITORY_FIELDS: readonly Field[] = [
  { name: 'description', label: 'What it is about', kind: 'text', maxLength: 1000 },
  { name: 'baseCostSats', label: 'Price of a post, in sats', kind: 'sats', initial: '1' },
  { name: 'replyCostSats', label: 'Price of a reply, in sats', kind: 'sats', initial: '1' },
  {
    ...{ name: 'postTypes', label: 'What may be posted', kind: 'choices' },
    options: POST_TYPES.map((type) => [type, type.toLowerCase()] as const),
  },
  {
    ...{ name: 'ranking', label: 'Posts are sorted', kind: 'choice' },
    options: [
      ['WOT', 'by what is paid for them'],
      ['RECENT', 'by their time'],
    ],
  },
  {
    ...{ name: 'moderated', label: 'Moderated', kind: 'check' },
    hint: 'Tells everybody that its owner looks after what is posted.',
  },
  {
    ...{ name: 'autoRenew', kind: 'check' },
    label: 'Renew it from my balance when it runs out',
  },
];
