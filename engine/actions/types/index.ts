import type { z } from 'zod';
import { Refusal } from '../../../domain/refusal.js';
import { boost } from './boost.js';
import { bountyPayment } from './bounty-payment.js';
import { buyCredits } from './buy-credits.js';
import { donate } from './donate.js';
import { downZap } from './down-zap.js';
import { inviteGift } from './invite-gift.js';
import { itemCreate } from './item-create.js';
import { itemUpdate } from './item-update.js';
import { mediaFee } from './media-fee.js';
import type { PaidActionType } from './paid-action-type.js';
import { pollVote } from './poll-vote.js';
import { proxyPayment } from './proxy-payment.js';
import { rewards } from './rewards.js';
import { territoryBilling } from './territory-billing.js';
import { territoryCreate } from './territory-create.js';
import { territoryUnarchive } from './territory-unarchive.js';
import { territoryUpdate } from './territory-update.js';
import { autoWithdrawal, withdrawal } from './withdrawal.js';
import { zap } from './zap.js';

/** A type whose arguments the engine does not look at: each action's have been parsed by its own type. */
export type AnyType = PaidActionType<unknown>;

const TYPES = new Map<string, AnyType>([
  [itemCreate.name, itemCreate],
  [itemUpdate.name, itemUpdate],
  [zap.name, zap],
  [downZap.name, downZap],
  [boost.name, boost],
  [pollVote.name, pollVote],
  [donate.name, donate],
  [buyCredits.name, buyCredits],
  [territoryCreate.name, territoryCreate],
  [territoryUpdate.name, territoryUpdate],
  [territoryBilling.name, territoryBilling],
  [territoryUnarchive.name, territoryUnarchive],
  [bountyPayment.name, bountyPayment],
]);

/** Types with a door of their own. */
const WITH_OWN_DOOR: ReadonlyMap<string, AnyType> = new Map<string, AnyType>([
  [withdrawal.name, withdrawal],
  [autoWithdrawal.name, autoWithdrawal],
  [inviteGift.name, inviteGift],
  [mediaFee.name, mediaFee],
  [proxyPayment.name, proxyPayment],
  [rewards.name, rewards],
]);

/** A type by its name, whichever way it is opened. */
function typeNamed(name: string): AnyType | undefined {
  return TYPES.get(name) ?? WITH_OWN_DOOR.get(name);
}

/** The arguments each type takes: for the API's documentation. */
const argsOf = new Map<string, z.ZodType>([...TYPES].map(([name, { args }]) => [name, args]));
export const ACTION_ARGS: ReadonlyMap<string, z.ZodType> = argsOf;

/** Adds a type of an extension, at the start of a process. Throws where the name is taken. */
export function registerType(type: AnyType): void {
  const { name, args } = type;
  if (typeNamed(name) !== undefined) throw new Error(`there is a type ${name} already`);
  TYPES.set(name, type);
  argsOf.set(name, args);
}

/** The type that a caller names. Throws Refusal `action.unknown_type`. */
export function typeToOpen(typeName: string): AnyType {
  const type = TYPES.get(typeName);
  if (type !== undefined) return type;
  throw new Refusal('action.unknown_type', `types are ${[...TYPES.keys()].join(', ')}`);
}

/** The type that a caller names, or through a door of ours any type, with its arguments parsed. Throws Refusal `action.unknown_type` or `action.invalid_args`. */
export function parseRequest(
  typeName: string,
  args: unknown,
  door = false,
): { readonly type: AnyType; readonly args: unknown } {
  const type = (door ? typeNamed(typeName) : undefined) ?? typeToOpen(typeName);
  const parsed = type.args.safeParse(args);
  if (!parsed.success) throw invalidArgs(parsed.error);
  return { type, args: parsed.data };
}

/**
 * The type of a stored action and its arguments, decoded by the version under which they were stored: a rule that was tightened since
 * refuses nothing. Throws {@link UnknownActionType} where another release stored it.
 */
export function decodeStored(
  typeName: string,
  version: number,
  stored: unknown,
): { readonly type: AnyType; readonly args: unknown } {
  const type = typeNamed(typeName);
  // What was stored under the version of today was parsed by the schema of today, or by a wider one of the same version.
  if (type?.version === version) return { type, args: stored };
  const decode = type?.earlier?.[version];
  if (type === undefined || decode === undefined) throw new UnknownActionType(typeName, version);
  return { type, args: decode(stored) };
}

/** A type, or a version of it, that this release does not know: another one does. */
export class UnknownActionType extends Error {
  override readonly name = 'UnknownActionType';

  constructor(typeName: string, version: number) {
    super(`this release does not know version ${version} of ${typeName}`);
  }
}

function invalidArgs({ issues }: z.ZodError): Refusal {
  const errors = issues.map(({ path, message }) => ({
    path: ['args', ...path].join('.'),
    message,
  }));
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new Refusal('action.invalid_args', detail, errors);
}

/** Whether its author may try again what failed. */
export function isRetryable(typeName: string): boolean {
  return typeNamed(typeName)?.policy?.retry !== false;
}

/** Types that callers open themselves: their failures are shown to them. */
export function openableTypes(): readonly string[] {
  return [...TYPES.keys()];
}

/** Those that the system tries again by itself for whoever wants that. */
export function automaticTypes(): readonly string[] {
  return [...TYPES.values()]
    .filter(({ policy }) => policy?.automaticRetry === true && policy.retry !== false)
    .map(({ name }) => name);
}

/** {@link PaidActionType.result} of whatever type the action `s` has. */
export function resultSql(): string {
  const cases = [...TYPES.values()].flatMap(({ name, result }) =>
    result === undefined ? [] : [`when '${name}' then ${result}`],
  );
  return `case s.type ${cases.join(' ')} end`;
}
