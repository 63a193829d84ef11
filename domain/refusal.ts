/** Every stable error code of /v1, with its HTTP status and title. Defined only here. */
export const REFUSALS = {
  'request.invalid': [400, 'The request is not valid'],
  'request.malformed': [400, 'The request is malformed'],
  'request.unsupported_media_type': [415, 'The media type is not supported'],
  'request.too_large': [413, 'The body is too large'],
  'request.not_found': [404, 'Address not found'],
  'request.method_not_allowed': [405, 'Method not allowed'],
  'request.too_slow': [408, 'The request did not arrive in time'],
  'request.headers_too_large': [431, 'The header fields are too large'],
  'auth.required': [401, 'An API token is required'],
  'auth.invalid_token': [401, 'The API token is not valid'],
  'auth.operator_required': [403, 'Operator role required'],
  'auth.scope_required': [403, 'The role or the token does not allow this'],
  'auth.cross_site': [403, 'The request was not sent by a page of this site'],
  'auth.too_many_bad_tokens': [429, 'Too many tokens that are not valid'],
  'idempotency.invalid_key': [400, 'The idempotency key is not valid'],
  'idempotency.secret_required': [400, 'An idempotency key without a token needs a client secret'],
  'idempotency.body_differs': [422, 'The idempotency key was used with another body'],
  'account.name_taken': [409, 'The account name is already in use'],
  'account.not_found': [404, 'Account not found'],
  'account.frozen': [403, 'The account is frozen'],
  'operator.last': [409, 'The last operator cannot be revoked'],
  'token.not_found': [404, 'Token not found'],
  'grant.over_cap': [403, 'The grant is above the cap of the role'],
  'grant.not_found': [404, 'Grant not found'],
  'grant.decided': [409, 'The grant was decided before'],
  'grant.second_person': [403, 'Another operator must approve the grant'],
  'grant.spent': [409, 'The money of the grant is no longer there'],
  'account.too_many': [429, 'Too many accounts were opened'],
  'account.self': [409, 'This is your own account'],
  'account.list_full': [409, 'The list is full'],
  'login.too_many': [429, 'Too many log-ins are open'],
  'login.bad_signature': [400, 'The signature is wrong'],
  'login.unknown': [404, 'Log-in not found'],
  'login.not_signed': [409, 'The log-in is not signed yet'],
  'login.name_required': [409, 'A name for the new account is required'],
  'action.not_found': [404, 'Action not found'],
  'action.id_taken': [409, 'The action id was used by another request'],
  'action.unknown_type': [400, 'Unknown action type'],
  'action.invalid_args': [400, 'The arguments of the action are not valid'],
  'action.login_required': [401, 'This action requires an account'],
  'action.insufficient_credits': [402, 'Not enough credits'],
  'action.flow_not_supported': [400, 'The action cannot be paid this way'],
  'action.no_wallet': [409, 'No wallet of the payee can be paid'],
  'action.too_many_unpaid': [429, 'Too many unpaid actions are open'],
  'anonymous.too_much_unpaid': [429, 'Callers without an account have left too much unpaid'],
  'action.not_cancellable': [409, 'The attempt can no longer be cancelled'],
  'action.not_retryable': [409, 'The attempt cannot be retried'],
  'action.retry_lost': [409, 'Another retry came first'],
  'action.nothing_owed': [409, 'Nothing is owed for the action'],
  'start.token_missing': [401, 'A start token is required'],
  'start.token_forged': [401, 'The start token is not valid'],
  'start.token_expired': [401, 'The start token has expired'],
  'start.other_action': [403, 'The start token is for another action'],
  'start.other_type': [403, 'The start token is for another type'],
  'start.other_account': [403, 'The start token is for another account'],
  'start.cost_above': [403, 'The action costs more than the start token allows'],
  'withdrawal.invalid_invoice': [400, 'The invoice is not valid'],
  'withdrawal.amount_required': [400, 'The invoice and the request must name one amount'],
  'withdrawal.invoice_expired': [409, 'The invoice has expired'],
  'withdrawal.invoice_used': [409, 'The invoice was paid or is being paid'],
  'withdrawal.own_invoice': [409, 'The invoice is ours'],
  'withdrawal.insufficient_sats': [402, 'Not enough sats'],
  'wallet.can_spend': [422, 'The wallet could be used to spend'],
  'wallet.invalid': [422, 'The wallet cannot be used'],
  'wallet.too_many': [409, 'The account has too many wallets'],
  'webhook.not_found': [404, 'Webhook not found'],
  'webhook.too_many': [409, 'The account has too many webhooks'],
  'webhook.address_refused': [400, 'The address cannot be sent to'],
  'transmission.not_found': [404, 'Transmission not found'],
  'transmission.unauthorized': [401, 'The token of the transmission is not valid'],
  'transmission.channel_not_allowed': [403, 'The channel does not allow this'],
  'transmission.message_invalid': [400, 'The message is not valid'],
  'transmission.draft_not_found': [404, 'Draft not found'],
  'transmission.bid_too_low': [400, 'The bid is too low'],
  'transmission.bid_too_high': [400, 'The bid is too high'],
  'transmission.invoice_failed': [502, 'The invoice could not be created'],
  'transmission.too_late': [409, 'The transmission can no longer be changed'],
  'transmission.nothing_owed': [409, 'Nothing is owed for the transmission'],
  'transmission.too_many_unpaid': [429, 'Too many bytes wait unpaid'],
  'payment.not_found': [404, 'Neither an action nor an order'],
  'payment.not_forgotten': [409, 'The node decides about the payment'],
  'item.not_found': [404, 'Item not found'],
  'item.unpaid': [409, 'The item is not paid'],
  'item.own': [409, 'The item is your own'],
  'item.not_own': [403, 'The item is not your own'],
  'item.deleted': [409, 'The item was deleted'],
  'item.duplicate': [409, 'The same item was posted a moment ago'],
  'item.too_many_unpaid': [429, 'Your newest items are all unpaid'],
  'item.no_free_comments': [402, 'No free comments are left this month'],
  'item.too_deep': [409, 'The reply would be too deep'],
  'item.forward': [409, 'The item cannot forward to this account'],
  'item.forwarded': [409, 'You receive a part of what is paid for the item'],
  'item.not_editable': [409, 'The item can no longer be edited'],
  'item.boost_shrinks': [409, 'A boost can only grow'],
  'item.not_possible': [409, 'The kind of item does not allow it'],
  'poll.over': [409, 'The poll is over'],
  'poll.voted': [409, 'You have voted in the poll'],
  'poll.no_option': [404, 'The poll has no such option'],
  'invite.not_found': [404, 'Invitation not found'],
  'invite.code_taken': [409, 'The code of the invitation is in use'],
  'invite.not_usable': [409, 'The invitation cannot be used any more'],
  'invite.not_new': [409, 'Only a new account can be invited'],
  'events.too_many': [429, 'Too many event streams are open'],
  'push.not_offered': [409, 'The server sends no pushes'],
  'push.too_many': [409, 'The account has too many devices'],
  'notice.not_found': [404, 'Notice not found'],
  'bounty.none': [409, 'The post offers no such bounty'],
  'bounty.not_yours': [403, 'Only the author of the post pays its bounty'],
  'bounty.no_payee': [409, 'Nobody can get the bounty'],
  'bounty.paid': [409, 'The bounty was paid to the comment'],
  'upload.not_found': [404, 'File not found'],
  'upload.not_taken': [415, 'Files of this kind are not taken'],
  'upload.too_many': [429, 'Too many files are stored'],
  'territory.not_found': [404, 'Territory not found'],
  'territory.name_taken': [409, 'The name of the territory is taken'],
  'territory.not_owner': [403, 'Only the owner may do this'],
  'territory.stopped': [409, 'The territory has stopped'],
  'territory.not_stopped': [409, 'The territory has not stopped'],
  'territory.not_due': [409, 'The territory is paid for'],
  'territory.for_ever': [409, 'The territory is paid for ever'],
  'territory.changed': [409, 'The territory has changed since'],
  'territory.changing': [409, 'A payment for the territory is being settled'],
  'territory.costs': [409, 'The change of the territory has to be paid'],
  'territory.free_change': [409, 'The change of the territory costs nothing'],
  'credits.invalid_message': [400, 'The credit message is not valid'],
  'credits.empty_list': [400, 'The list of credits is empty'],
  'credits.blank_address': [400, 'An address is empty'],
  'credits.amount_not_positive_int': [400, 'An amount is not a positive integer'],
  'credits.amount_too_large': [400, 'An amount is too large'],
  'credits.duplicate_recipients': [400, 'A recipient appears twice'],
  'credits.self_transfer': [400, 'Sender and recipient are the same'],
  'credits.expiry_past': [400, 'The expiry is in the past'],
  'credits.insufficient_balance': [409, 'Not enough credits valid at that time'],
  'credits.would_uncover': [409, 'A later accepted debit would no longer be covered'],
  'credits.ref_taken': [409, 'The reference belongs to other entries'],
  'credits.policy_past': [409, 'Debits exist after the policy’s start'],
  'credits.no_history': [404, 'No credit history'],
  'store.not_found': [404, 'Store not found'],
  'incident.not_found': [404, 'Incident not found'],
  'channel.not_found': [404, 'Channel not found'],
  'channel.other_kind': [409, 'The channel is of another kind'],
  'store.id_taken': [409, 'The id of the store is in use'],
  'store.order_not_found': [404, 'Order not found in the store'],
  'store.order_over': [409, 'Nobody registers by the order'],
  'store.bad_signature': [401, 'The signature is wrong'],
  'store.no_key': [409, 'The store has no API key'],
  'service.maintenance': [503, 'Payments are by balance only for now'],
  'service.unavailable': [503, 'The service is unavailable'],
  'service.failed': [500, 'Internal error'],
} as const satisfies Record<string, readonly [number, string]>;

type OwnCode = keyof typeof REFUSALS;
/** Of an extension: its name, a slash, a word. None of ours has a slash. */
export type ExtensionCode = `${string}/${string}`;
export type RefusalCode = OwnCode | ExtensionCode;

const described = new Map<string, readonly [status: number, title: string]>(
  Object.entries(REFUSALS),
);
const codes: string[] = Object.keys(REFUSALS);

/** All codes that this process may answer, those of its extensions too. */
export const REFUSAL_CODES: readonly string[] = codes;

/** HTTP status and title. Throws for a code that nobody has declared. */
export function describeRefusal(code: RefusalCode): readonly [status: number, title: string] {
  const found = described.get(code);
  if (found === undefined) throw new Error(`nobody has declared the refusal ${code}`);
  return found;
}

/** At the start of a process, before anything is refused. */
export function declareRefusal(code: ExtensionCode, status: number, title: string): void {
  if (!described.has(code)) codes.push(code);
  described.set(code, [status, title]);
}

/** What is wrong with one field of a request. */
export interface FieldError {
  /** Like `args.title`, from the root of the body or query. */
  readonly path: string;
  readonly message: string;
}

/** A request that is refused because of its content or the current state. Nothing was changed. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly status: number;
  readonly title: string;

  constructor(
    readonly code: RefusalCode,
    readonly detail: string,
    readonly errors: readonly FieldError[] = [],
    /** When to try again, where that is known. */
    readonly retryAfterSeconds?: number,
  ) {
    super(`${code}: ${detail}`);
    [this.status, this.title] = describeRefusal(code);
  }
}
