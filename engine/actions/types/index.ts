import type { ClientBase } from 'pg';
import type { z } from 'zod';
import { pipeline } from '../../../db/pipeline.js';
import { groupBy } from '../../../domain/group-by.js';
import { addMsat, type Msat, subtractMsat } from '../../../domain/money.js';
import { Refusal } from '../../../domain/refusal.js';
import { itemCreate } from './item-create.js';
import type { ActionContext, PaidActionType, PayOut } from './paid-action-type.js';
import { zap } from './zap.js';

/** A type with parsed arguments: what the engine works with, whatever the type. */
export interface BoundAction {
  readonly typeName: string;
  readonly args: unknown;
  readonly anonymous: boolean;
  readonly optimistic: boolean;
  readonly description: string;
  cost(actor: string | null): Msat;
  at(actionId: string, actor: string | null, costMsat: Msat): BoundSteps;
}

/** The steps of {@link PaidActionType}, for one action. */
export interface BoundSteps {
  validate(tx: ClientBase): Promise<void>;
  perform(tx: ClientBase): Promise<void>;
  undo(tx: ClientBase): Promise<void>;
  onRetry(tx: ClientBase): Promise<void>;
}

interface RegisteredType {
  readonly args: z.ZodType;
  bind(args: unknown): BoundAction;
  onPaid(tx: ClientBase, actions: readonly ActionContext<unknown>[]): Promise<void>;
  payOuts(
    tx: ClientBase,
    actions: readonly ActionContext<unknown>[],
  ): Promise<readonly (readonly PayOut[])[]>;
  readonly result: string;
}

const REGISTERED: ReadonlyMap<string, RegisteredType> = new Map([
  [itemCreate.name, register(itemCreate)],
  [zap.name, register(zap)],
]);

/** The arguments each type takes: for the API's documentation. */
export const ACTION_ARGS: ReadonlyMap<string, z.ZodType> = new Map(
  [...REGISTERED].map(([name, { args }]) => [name, args]),
);

/** Throws Refusal `action.unknown_type` or `action.invalid_args`. */
export function bindAction(typeName: string, args: unknown): BoundAction {
  return registered(typeName).bind(args);
}

/** What a type needs of a paid action. */
export interface PaidAction {
  readonly id: string;
  readonly type: string;
  readonly actor: string | null;
  readonly costMsat: Msat;
  readonly bound: BoundAction;
}

/** {@link PaidActionType.onPaid} of actions of any types. */
export async function onPaid(tx: ClientBase, paid: readonly PaidAction[]): Promise<void> {
  const byType = groupBy(paid, ({ type }) => type);
  await pipeline([...byType].map(([type, of]) => registered(type).onPaid(tx, of.map(contextOf))));
}

/** {@link PaidActionType.payOuts} of actions of any types, each with the pool's share, so that they sum to the cost. */
export async function payOutsOf(
  tx: ClientBase,
  actions: readonly PaidAction[],
): Promise<(readonly PayOut[])[]> {
  const byType = [...groupBy(actions, ({ type }) => type)];
  const found = await pipeline(
    byType.map(([type, of]) => registered(type).payOuts(tx, of.map(contextOf))),
  );
  const shares = new Map(
    byType.flatMap(([, of], n) => of.map((action, i) => [action, found[n]?.[i] ?? []] as const)),
  );
  return actions.map((action) => withPool(action.costMsat, shares.get(action) ?? []));
}

function contextOf({ id, actor, costMsat, bound: { args } }: PaidAction): ActionContext<unknown> {
  return { actionId: id, actor, costMsat, args };
}

/** {@link PaidActionType.result} of whatever type the action `s` has. */
export const RESULT = `case s.type ${[...REGISTERED]
  .map(([name, { result }]) => `when '${name}' then ${result}`)
  .join(' ')} end`;

function registered(typeName: string): RegisteredType {
  const type = REGISTERED.get(typeName);
  if (type !== undefined) return type;
  throw new Refusal('action.unknown_type', `types are ${[...REGISTERED.keys()].join(', ')}`);
}

function register<Args>(type: PaidActionType<Args>): RegisteredType {
  return {
    args: type.args,
    bind(unparsed) {
      const parsed = type.args.safeParse(unparsed);
      if (!parsed.success) {
        throw invalidArgs(parsed.error);
      }
      return bound(type, parsed.data);
    },
    // Arguments that were bound have been parsed.
    onPaid: (tx, actions) => type.onPaid(tx, actions as readonly ActionContext<Args>[]),
    payOuts: (tx, actions) => type.payOuts(tx, actions as readonly ActionContext<Args>[]),
    result: type.result,
  };
}

function invalidArgs({ issues }: z.ZodError): Refusal {
  const errors = issues.map(({ path, message }) => ({
    path: ['args', ...path].join('.'),
    message,
  }));
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  return new Refusal('action.invalid_args', detail, errors);
}

function bound<Args>(type: PaidActionType<Args>, args: Args): BoundAction {
  return {
    typeName: type.name,
    args,
    anonymous: type.anonymous,
    optimistic: type.optimistic,
    description: type.describe(args),
    cost: (actor) => type.cost(args, actor),
    at(actionId, actor, costMsat) {
      const action: ActionContext<Args> = { actionId, actor, args, costMsat };
      return {
        validate: (tx) => type.validate(tx, action),
        perform: (tx) => type.perform(tx, action),
        undo: (tx) => type.undo(tx, action),
        onRetry: (tx) => type.onRetry(tx, action),
      };
    },
  };
}

function withPool(costMsat: Msat, shares: readonly PayOut[]): readonly PayOut[] {
  const rest = subtractMsat(costMsat, addMsat(...shares.map((share) => share.amountMsat)));
  if (rest < 0n) throw new Error('pay-outs exceed the cost');
  if (rest === 0n) return shares;
  return [...shares, { kind: 'POOL', holder: { system: 'pool' }, amountMsat: rest }];
}
