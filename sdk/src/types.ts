import type { z } from 'zod';
import type {
  accountAnswer,
  accountWithTokenAnswer,
  grantAnswer,
  ownAccountAnswer,
} from './answers/account.js';
import type {
  actionAnswer,
  actionPageAnswer,
  attemptAnswer,
  collectedAnswer,
  ATTEMPT_STATES,
} from './answers/action.js';
import type { commentPageAnswer, itemAnswer, itemPageAnswer } from './answers/item.js';
import type { statementAnswer } from './answers/statement.js';
import type { autoWithdrawalAnswer, walletAnswer } from './answers/wallet.js';
import type { startTokenAnswer } from './answers/start-token.js';
import type {
  challengeAnswer,
  inviteAnswer,
  settingsAnswer,
  signedUpAnswer,
  unreadAnswer,
} from './answers/people.js';
import type { rewardDayAnswer, statisticsAnswer } from './answers/reward.js';
import type { territoryAnswer, territoryPageAnswer } from './answers/territory.js';
import type { uploadAnswer } from './answers/upload.js';

/** Amounts are decimal strings of millisatoshi; times are RFC 3339. */
export type Action = z.output<typeof actionAnswer>;
export type AttemptState = (typeof ATTEMPT_STATES)[number];
export type Attempt = z.output<typeof attemptAnswer>;
export type ActionPage = z.output<typeof actionPageAnswer>;
export type CollectedAction = z.output<typeof collectedAnswer>;
export type Item = z.output<typeof itemAnswer>;
export type ItemPage = z.output<typeof itemPageAnswer>;
export type { Comment } from './answers/item.js';
export type CommentPage = z.output<typeof commentPageAnswer>;
export type Statement = z.output<typeof statementAnswer>;
/** By what was paid lately, by when it was paid, by all that was paid. */
export type ItemOrder = 'hot' | 'recent' | 'top';
export type Account = z.output<typeof accountAnswer>;
export type AccountWithToken = z.output<typeof accountWithTokenAnswer>;
export type OwnAccount = z.output<typeof ownAccountAnswer>;
export type Wallet = z.output<typeof walletAnswer>;
export type AutoWithdrawal = z.output<typeof autoWithdrawalAnswer>;
export type StartToken = z.output<typeof startTokenAnswer>;
export type Grant = z.output<typeof grantAnswer>;
export type Territory = z.output<typeof territoryAnswer>;
export type TerritoryPage = z.output<typeof territoryPageAnswer>;
export type RewardDay = z.output<typeof rewardDayAnswer>;
export type Statistics = z.output<typeof statisticsAnswer>;
export type Upload = z.output<typeof uploadAnswer>;
export type SignedUp = z.output<typeof signedUpAnswer>;
export type LoginChallenge = z.output<typeof challengeAnswer>;
export type AccountSettings = z.output<typeof settingsAnswer>;
export type Unread = z.output<typeof unreadAnswer>;
export type Invite = z.output<typeof inviteAnswer>;

export interface PaymentChoice {
  /** `auto` (default): by credits when they cover it all, else by invoice. */
  readonly payment?: 'auto' | 'credits' | 'invoice';
  /** 1 to 600. */
  readonly invoiceExpirySeconds?: number;
}

export interface OpenActionRequest extends PaymentChoice {
  /** Like `ITEM_CREATE`. */
  readonly type: string;
  readonly args: Readonly<Record<string, unknown>>;
}

export interface OpenedAction {
  readonly action: Action;
  /** Only for an action opened without a token: keep it, nothing else gives access to the action. */
  readonly capability?: string;
  readonly replayed: boolean;
}

export interface StartTokenRequest {
  readonly type: string;
  readonly maxCostMsat: string;
  /** 1..300; default 60. */
  readonly validSeconds?: number;
}

export interface WithdrawalRequest {
  readonly bolt11: string;
  /** Where the invoice names none. */
  readonly amountMsat?: string;
  /** Most that routing may cost. Default: 1 %, at least 10 sats. */
  readonly maxFeeMsat?: string;
}

export interface NewGrant {
  readonly asset?: 'CREDITS' | 'SATS';
  readonly amountMsat: string;
  readonly reason: string;
  readonly expiresAt?: string;
}

export interface PageRequest {
  readonly cursor?: string;
  /** 1 to 200. */
  readonly limit?: number;
}

export interface WaitOptions {
  /** The states to wait for, or a test of the action. Default: PAID or FAILED. */
  readonly until?: readonly AttemptState[] | ((action: Action) => boolean);
  /** Default 60 s. */
  readonly timeoutMs?: number;
  /** For an action whose workflow was just started: `action.not_found` is waited out too. */
  readonly opensLater?: boolean;
  readonly capability?: string;
  readonly signal?: AbortSignal;
}
