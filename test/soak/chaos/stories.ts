import { setTimeout as pause } from 'node:timers/promises';
import { SatelliteClient } from '../../../services/cli/demo/satellite-client.js';
import type { Action, OpenedAction, QuittanceClient } from '../../../services/client/index.js';
import { toMsat } from '../../../domain/money.js';
import { type System, WALLET } from '../../e2e/system.js';
import { EXPIRY_SECONDS } from './environment.js';
import type { Dice } from './dice.js';

export interface Stage {
  readonly system: System;
  readonly dice: Dice;
  readonly author: QuittanceClient;
  readonly rich: QuittanceClient;
  readonly itemId: string;
  /** Aborted when the story has taken too long, whatever has become of it. */
  readonly signal: AbortSignal;
}

type Story = (stage: Stage) => Promise<string>;

/** What a person does with an invoice. */
const PAYERS = {
  pays: (stage, bolt11) => pay(stage, bolt11),
  paysTwice: async (stage, bolt11) => {
    await Promise.allSettled([pay(stage, bolt11), pay(stage, bolt11)]);
  },
  paysTooMuch: (stage, bolt11, amountMsat) => pay(stage, bolt11, (amountMsat * 3n) / 2n),
  paysAtTheLastMoment: async (stage, bolt11) => {
    const before = stage.dice.between(-200, 700);
    await pause(EXPIRY_SECONDS * 1000 - before, undefined, { signal: stage.signal });
    await pay(stage, bolt11);
  },
  forgets: () => Promise.resolve(),
} satisfies Record<string, (stage: Stage, bolt11: string, amountMsat: bigint) => Promise<void>>;

async function pay({ system }: Stage, bolt11: string, amountMsat?: bigint): Promise<void> {
  await system.wallets.pay(
    WALLET,
    bolt11,
    amountMsat === undefined ? undefined : toMsat(amountMsat),
  );
}

async function followAction(
  stage: Stage,
  client: QuittanceClient,
  { action, capability }: OpenedAction,
): Promise<string> {
  const { dice, signal } = stage;
  const call = { signal, ...(capability === undefined ? {} : { capability }) };
  const cancels = dice.chance(0.2);
  const cancelAfterMs = dice.between(0, 1_500);
  const payer = PAYERS[pickPayer(dice)];
  const retries = dice.chance(0.5);
  const invoiced = await client.waitForAction(action.id, { ...call, until: isInvoiced });
  const invoice = invoiced.attempts.at(-1)?.invoice;
  await Promise.allSettled([
    typeof invoice?.bolt11 === 'string'
      ? payer(stage, invoice.bolt11, BigInt(invoiced.costMsat))
      : undefined,
    cancels
      ? pause(cancelAfterMs, undefined, { signal }).then(() => client.cancelAction(action.id, call))
      : undefined,
  ]);
  const over = await client.waitForAction(action.id, call);
  if (over.state !== 'FAILED' || !retries) return over.state;
  const attempt = over.attempts.length;
  const again = await client.retryAction(action.id, attempt, { payment: 'invoice' }, call);
  const bolt11 = again.attempts.at(-1)?.invoice?.bolt11;
  if (typeof bolt11 === 'string') await pay(stage, bolt11).catch(() => undefined);
  return `retried ${(await client.waitForAction(action.id, call)).state}`;
}

const isInvoiced = (action: Action): boolean => action.state !== 'INVOICING';

function pickPayer(dice: Dice): keyof typeof PAYERS {
  return dice.weighted([
    [6, 'pays'],
    [2, 'paysTwice'],
    [2, 'paysTooMuch'],
    [1, 'paysAtTheLastMoment'],
    [1, 'forgets'],
  ]);
}

const post: Story = async (stage) => {
  const { author, signal } = stage;
  const args = { title: `A post ${stage.dice.between(1, 1_000_000)}` };
  const request = { type: 'ITEM_CREATE', args, payment: 'invoice' } as const;
  return followAction(stage, author, await author.openAction(request, { signal }));
};

const zapByCredits: Story = async ({ rich, itemId, dice, signal }) => {
  const args = { itemId, sats: dice.between(1, 5) };
  const request = { type: 'ZAP', args, payment: 'credits' } as const;
  return `by credits ${(await rich.openAction(request, { signal })).action.state}`;
};

const zapByAnonymous: Story = async (stage) => {
  const client = stage.system.client();
  const args = { itemId: stage.itemId, sats: stage.dice.between(1, 5) };
  return followAction(
    stage,
    client,
    await client.openAction({ type: 'ZAP', args }, { signal: stage.signal }),
  );
};

const transmission: Story = async (stage) => {
  const { system, dice, signal } = stage;
  const satellite = new SatelliteClient(system.parts.apiUrl);
  const placed = await satellite.order(
    'x'.repeat(dice.between(1, 400)),
    dice.between(5_000, 20_000),
  );
  const cancels = dice.chance(0.15);
  const pays = dice.chance(0.85);
  await Promise.allSettled([
    pays ? pay(stage, placed.lightning_invoice.payreq) : undefined,
    cancels
      ? fetch(`${system.parts.apiUrl}/order/${placed.uuid}`, {
          method: 'DELETE',
          headers: { 'X-Auth-Token': placed.auth_token },
          signal,
        })
      : undefined,
  ]);
  for (;;) {
    const status = await satellite.get(placed).then(
      (order) => order.status,
      () => 'unknown',
    );
    if (ENDS.includes(status)) return status;
    await pause(250, undefined, { signal });
  }
};

const ENDS = ['received', 'cancelled', 'expired'];

const STORIES: readonly (readonly [number, Story])[] = [
  [4, post],
  [2, zapByCredits],
  [4, zapByAnonymous],
  [4, transmission],
];

/** One story, whatever it may be; how it ended, or that it was not seen to end. Never rejects. */
export async function tellOne(stage: Stage): Promise<string> {
  try {
    return await stage.dice.weighted(STORIES)(stage);
  } catch (error) {
    return `not seen to end (${error instanceof Error ? error.name : 'for no reason'})`;
  }
}
