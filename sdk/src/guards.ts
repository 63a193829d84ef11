import type { Problem } from './answers/problem.js';
import type * as types from './types.js';
import type * as transmissions from './transmission-types.js';

/**
 * Whether an answer is of that kind, as far as its fields show. It finds the answers of another server; whether each value is as the
 * schema says is the API's business, which answers by the schemas of `@quittance/sdk/answers`.
 */
export type Guard<T> = (value: unknown) => value is T;

function has<T>(...fields: readonly (keyof T & string)[]): Guard<T> {
  return (value): value is T =>
    typeof value === 'object' && value !== null && fields.every((field) => field in value);
}

/** Any JSON object. */
export function object<T>(): Guard<T> {
  return (value): value is T => typeof value === 'object' && value !== null;
}

export const isProblem = has<Problem>('type', 'code', 'title', 'status', 'detail', 'errors');

export const accountAnswer = has<types.Account>('name');
export const accountWithTokenAnswer = has<types.AccountWithToken>('name', 'token');
export const ownAccountAnswer = has<types.OwnAccount>('name');
export const grantAnswer = has<types.Grant>('amountMsat');
export const actionAnswer = has<types.Action>('id', 'state', 'attempts');
export const openedAnswer = has<types.Action & { readonly capability?: string }>(
  ...(['id', 'state', 'attempts'] as const),
);
export const actionPageAnswer = has<types.ActionPage>('actions', 'nextCursor');
export const collectedAnswer = has<types.CollectedAction>('id', 'collectedMsat');
export const itemAnswer = has<types.Item>('id');
export const itemPageAnswer = has<types.ItemPage>('items', 'nextCursor');
export const commentPageAnswer = has<types.CommentPage>('comments', 'nextCursor');
export const statementAnswer = has<types.Statement>('nextCursor');
export const walletAnswer = has<types.Wallet>('id', 'kind', 'address');
export const walletsAnswer = has<{ readonly wallets: types.Wallet[] }>('wallets');
export const autoWithdrawalAnswer = has<types.AutoWithdrawal>('thresholdMsat');
export const startTokenAnswer = has<types.StartToken>('startToken');
export const challengeAnswer = has<types.LoginChallenge>('k1', 'secret');
export const inviteAnswer = has<types.Invite>('code');
export const namesAnswer = has<{ readonly names: string[] }>('names');
export const settingsAnswer = object<types.AccountSettings>();
export const signedUpAnswer = has<types.SignedUp>('token');
export const unreadAnswer = object<types.Unread>();
export const rewardDaysAnswer = has<{ readonly days: types.RewardDay[] }>('days');
export const statisticsAnswer = object<types.Statistics>();
export const territoryAnswer = has<types.Territory>('name', 'version');
export const territoryPageAnswer = has<types.TerritoryPage>('territories', 'nextCursor');
export const uploadAnswer = has<types.Upload>('id');
export const transmissionAnswer = has<transmissions.Transmission>('id', 'state');
export const openedTransmissionAnswer = has<
  transmissions.Transmission & { readonly token: string }
>(...(['id', 'state', 'token'] as const));
export const transmissionPageAnswer = has<transmissions.TransmissionPage>(
  ...(['transmissions', 'nextCursor'] as const),
);
export const collectedTransmissionAnswer = has<transmissions.CollectedTransmission>('id', 'state');
export const draftAnswer = has<transmissions.Draft>('draftId');
