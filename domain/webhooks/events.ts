import { NOTICE_KINDS } from '../notices/kinds.js';

interface EventType {
  readonly about: string;
  readonly public?: true;
}

/** `notice.reply`, `notice.zap`, ...: what is stored as a notice. A failed payment is not; `action.failed` tells of it. */
const NOTICE_EVENTS = Object.fromEntries(
  NOTICE_KINDS.filter((kind) => kind !== 'FAILED_PAYMENT').map((kind): [string, EventType] => [
    `notice.${kind.toLowerCase()}`,
    { about: `you are told of it by a notice of the kind ${kind}` },
  ]),
);

/** What endpoints can be told of. `public`: of everybody's; only for those who name it. The schema derives them from the outbox's subjects and from notices. */
export const WEBHOOK_EVENTS: Readonly<Record<string, EventType>> = {
  'action.held': { about: 'the payment of an action of yours is held' },
  'action.paid': { about: 'an action of yours is paid' },
  'action.failed': { about: 'an attempt of an action of yours has failed' },
  'withdrawal.paid': { about: 'a withdrawal of yours has arrived' },
  'withdrawal.failed': { about: 'a withdrawal of yours has failed, and its sats are back' },
  'credits.expired': { about: 'credits of yours have expired' },
  'wallet.failed': { about: 'a wallet of yours could not be paid to' },
  'transmission.started': {
    about: 'a transmission has begun on a channel that anybody may read',
    public: true,
  },
  'transmission.ended': {
    about: 'a transmission has ended on a channel that anybody may read',
    public: true,
  },
  'webhook.disabled': { about: 'another endpoint of yours was disabled' },
  ...NOTICE_EVENTS,
  'webhook.test': { about: 'you asked for it' },
};

/** Whether an endpoint may ask for it: a type, all of a kind like `action.*`, or `*` for all of the account's own. */
export function isEventFilter(text: string): boolean {
  if (text === '*' || Object.hasOwn(WEBHOOK_EVENTS, text)) return true;
  return Object.keys(WEBHOOK_EVENTS).some((type) => `${type.split('.')[0] ?? ''}.*` === text);
}
