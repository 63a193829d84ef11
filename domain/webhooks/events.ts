/** What endpoints can be told of. `public`: of everybody's; only for those who name it. The schema derives them from the outbox's subjects. */
export const WEBHOOK_EVENTS = {
  'action.held': { about: 'the payment of an action of yours is held' },
  'action.paid': { about: 'an action of yours is paid' },
  'action.failed': { about: 'an attempt of an action of yours has failed' },
  'withdrawal.paid': { about: 'a withdrawal of yours has arrived' },
  'withdrawal.failed': { about: 'a withdrawal of yours has failed, and its sats are back' },
  'credits.expired': { about: 'credits of yours have expired' },
  'wallet.failed': { about: 'a wallet of yours could not be paid to' },
  'transmission.started': { about: 'a transmission has begun on any channel', public: true },
  'transmission.ended': { about: 'a transmission has ended on any channel', public: true },
  'webhook.disabled': { about: 'another endpoint of yours was disabled' },
  'webhook.test': { about: 'you asked for it' },
} as const satisfies Record<string, { readonly about: string; readonly public?: true }>;

/** Whether an endpoint may ask for it: a type, all of a kind like `action.*`, or `*` for all of the account's own. */
export function isEventFilter(text: string): boolean {
  if (text === '*' || Object.hasOwn(WEBHOOK_EVENTS, text)) return true;
  return Object.keys(WEBHOOK_EVENTS).some((type) => `${type.split('.')[0] ?? ''}.*` === text);
}
