import { createECDH, createHash } from 'node:crypto';
import { PRICES } from '../../../../domain/territories/billing.js';
import { toMsat } from '../../../../domain/money.js';
import type { StoredNoticeKind } from '../../../../domain/notices/kinds.js';
import { addToList } from '../../../../engine/accounts/follows.js';
import { createInvite } from '../../../../engine/accounts/invites.js';
import { openAction } from '../../../../engine/actions/open.js';
import { redeemInvite } from '../../../../engine/actions/redeem-invite.js';
import { transact } from '../../../../engine/context.js';
import { signEvent } from '../../../../engine/nostr-key.js';
import { subscribe } from '../../../../engine/notices/push-subscriptions.js';
import type { Person } from '../actions/bugs/bugs.helper.js';
import { ANONYMOUS } from '../actions/fixture.helper.js';
import { World } from '../actions/items/world.helper.js';
import { Withdrawing } from '../actions/withdrawing.helper.js';
import { Wrapping } from '../actions/wrapping.helper.js';
import { Territories } from '../territories/fixture.helper.js';
import { doEffects } from './told.helper.js';

/** Where effects are left undone: people, what they own, and their devices. */
export class Stage {
  #people = 0;

  private constructor(
    readonly at: Wrapping,
    readonly world: World,
    readonly withdrawing: Withdrawing,
    readonly territories: Territories,
  ) {}

  static async create(): Promise<Stage> {
    const at = await Wrapping.create();
    const world = await World.create(at.fixture);
    const withdrawing = await Withdrawing.on(at.fixture);
    return new Stage(at, world, withdrawing, new Territories(at.fixture));
  }

  /** With a device that is pushed to. */
  async person(msat = 1_000_000_000n): Promise<Person> {
    this.#people += 1;
    const person = await this.at.fixture.account(`crash${this.#people}`, msat);
    const ecdh = createECDH('prime256v1');
    ecdh.generateKeys();
    const device = { p256dh: ecdh.getPublicKey(), auth: Buffer.alloc(16) };
    const endpoint = `https://push.example/${person.name}`;
    await transact(this.at.fixture.engine, (tx) =>
      subscribe(tx, person.id, { endpoint, ...device }),
    );
    return person;
  }

  /** A name like no other. */
  name(): string {
    this.#people += 1;
    return `crash_${this.#people}`;
  }
}

/** Who is told what by something that is paid, with effects that no process has done yet. */
export interface Scenario {
  readonly kinds: readonly StoredNoticeKind[];
  readonly run: (stage: Stage) => Promise<readonly (readonly [Person, string])[]>;
}

export const EFFECTS: Readonly<Record<string, Scenario>> = {
  'a reply, a thread, a mention': {
    kinds: ['REPLY', 'THREAD', 'MENTION'],
    run: async (stage) => {
      const [op, first, named] = [await stage.person(), await stage.person(), await stage.person()];
      const post = await stage.world.item({}, op);
      await doEffects(stage.at.fixture);
      const reply = await stage.world.comment(post, `to @${named.name}`, first);
      await stage.world.comment(reply, 'an answer', stage.world.rich);
      return [
        [op, `REPLY by ${first.name}`],
        [op, 'THREAD by rich'],
        [first, 'REPLY by rich'],
        [named, `MENTION by ${first.name}`],
      ];
    },
  },
  'an item mention, a followed author': {
    kinds: ['ITEM_MENTION', 'FOLLOWED_ITEM'],
    run: async (stage) => {
      const [linked, fan, writer] = [
        await stage.person(),
        await stage.person(),
        await stage.person(),
      ];
      const item = await stage.world.item({}, linked);
      await transact(stage.at.fixture.engine, (tx) =>
        addToList(tx, 'follows', fan.id, writer.name),
      );
      await stage.world.item({ text: `/items/${item}` }, writer);
      return [
        [linked, `ITEM_MENTION by ${writer.name}`],
        [fan, `FOLLOWED_ITEM by ${writer.name}`],
      ];
    },
  },
  'a mention by an edit': {
    kinds: ['MENTION'],
    run: async (stage) => {
      const [writer, named] = [await stage.person(), await stage.person()];
      const item = await stage.world.item({}, writer);
      await doEffects(stage.at.fixture);
      await stage.world.paid('ITEM_UPDATE', { itemId: item, text: `@${named.name}` }, writer);
      return [[named, `MENTION by ${writer.name}`]];
    },
  },
  'zaps and forwarded zaps': {
    kinds: ['ZAP', 'FORWARDED_ZAP'],
    run: async (stage) => {
      const [star, helper] = [await stage.person(), await stage.person()];
      const forwards = [{ name: helper.name, percent: 50 }];
      const item = await stage.world.item({ forwards }, star);
      for (let n = 0; n < 3; n += 1)
        await stage.world.paid('ZAP', { itemId: item, sats: 10 }, stage.world.rich);
      return [
        [star, 'ZAP by rich 10500 x3'],
        [helper, 'FORWARDED_ZAP by rich 10500 x3'],
      ];
    },
  },
  'a zap to a wallet': {
    kinds: ['ZAP'],
    run: async (stage) => {
      const { account, itemId } = await stage.at.payee('crash-zapped');
      await stage.at.payAndDrive(await stage.at.zap(itemId));
      return [[account, 'ZAP 700000']];
    },
  },
  'a vote': {
    kinds: ['POLL_VOTE'],
    run: async (stage) => {
      const pollster = await stage.person();
      const poll = await stage.world.item({ kind: 'poll', options: ['this', 'that'] }, pollster);
      const { rows } = await stage.at.fixture.pool.query<{ id: bigint }>(
        'select id from poll_options where item_id = $1',
        [poll],
      );
      await stage.world.paid(
        'POLL_VOTE',
        { itemId: poll, optionId: rows[0]?.id.toString() },
        stage.world.rich,
      );
      return [[pollster, 'POLL_VOTE']];
    },
  },
  'a bounty': {
    kinds: ['REPLY', 'BOUNTY'],
    run: async (stage) => {
      const { account } = await stage.at.payee('crash-bounty');
      const op = await stage.person();
      const post = await stage.world.item({ kind: 'bounty', bountySats: 1000 }, op);
      await doEffects(stage.at.fixture);
      const { view: answer } = await stage.at.fixture.open(account, {
        ...{ args: { kind: 'comment', parentId: post, text: 'solved' }, payment: 'invoice' },
      });
      // Its author may have one for free.
      if (answer.state !== 'PAID') await stage.world.pay(answer);
      const itemId = (await stage.at.fixture.view(answer.id)).result['itemId'];
      // Where bounties are looked up by columns of these names.
      await stage.at.fixture.pool.query(
        'alter table items add column if not exists root_id bigint, add column if not exists bounty_sats integer',
      );
      await stage.at.fixture.pool.query('update items set root_id = $2 where id = $1', [
        itemId,
        post,
      ]);
      await stage.at.fixture.pool.query('update items set bounty_sats = 1000 where id = $1', [
        post,
      ]);
      const bounty = { type: 'BOUNTY_PAYMENT', args: { itemId } };
      await stage.at.payAndDrive((await stage.at.fixture.open(op, bounty)).view);
      return [
        [op, `REPLY by ${account.name}`],
        [account, `BOUNTY by ${op.name} 1000000`],
      ];
    },
  },
  'a withdrawal, and one that fails': {
    kinds: ['WITHDRAWAL', 'WITHDRAWAL_FAILED'],
    run: async (stage) => {
      const account = await stage.withdrawing.rich();
      for (const outcome of ['succeed', 'fail'] as const) {
        const { bolt11 } = await stage.withdrawing.invoice(100_000n, outcome);
        const { view } = await stage.withdrawing.open(account, bolt11);
        await stage.at.fixture.drive(view.id);
      }
      return [
        [account, 'WITHDRAWAL 100000'],
        [account, 'WITHDRAWAL_FAILED 100000'],
      ];
    },
  },
  'an invitation': {
    kinds: ['INVITE'],
    run: async (stage) => {
      const inviter = await stage.person();
      const { code } = await transact(stage.at.fixture.engine, (tx) =>
        createInvite(tx, inviter.id, {
          giftMsat: toMsat(1_000n),
          mostGifts: null,
          expiresAt: null,
        }),
      );
      const invitee = await stage.person(0n);
      await redeemInvite(stage.at.fixture.engine, { code, invitee: invitee.id });
      return [[inviter, `INVITE by ${invitee.name}`]];
    },
  },
  'the renewal of a territory': {
    kinds: ['TERRITORY_STATUS'],
    run: async (stage) => {
      const owner = await stage.person(10n * PRICES.MONTHLY);
      const name = stage.name();
      await stage.territories.create(owner, name);
      await stage.territories.age(name, 32);
      await stage.territories.run(name);
      return [[owner, 'TERRITORY_STATUS']];
    },
  },
  'timers of a text': {
    kinds: ['DELETION_SET', 'REMINDER_SET'],
    run: async (stage) => {
      const author = await stage.person();
      await stage.world.item({ text: '@delete in 1 day @remindme in 1 hour' }, author);
      return [
        [author, 'DELETION_SET'],
        [author, 'REMINDER_SET'],
      ];
    },
  },
  'a post in a followed territory': {
    kinds: ['TERRITORY_ITEM'],
    run: async (stage) => {
      const [owner, fan, writer] = [
        await stage.person(10n * PRICES.MONTHLY),
        await stage.person(),
        await stage.person(),
      ];
      const name = stage.name();
      await stage.territories.create(owner, name);
      await doEffects(stage.at.fixture);
      await transact(stage.at.fixture.engine, (tx) =>
        addToList(tx, 'territory_follows', fan.id, name),
      );
      await stage.world.item({ territories: [name] }, writer);
      return [[fan, `TERRITORY_ITEM by ${writer.name}`]];
    },
  },
  'a payment to a name, with a receipt': {
    kinds: ['DEPOSIT'],
    run: async (stage) => {
      const { account } = await stage.at.payee('crash-named');
      await doEffects(stage.at.fixture);
      const relays = ['relays', 'wss://one.example/', 'wss://two.example/'];
      const tags = [['p', 'a'.repeat(64)], ['amount', '1000000'], relays];
      const event = { created_at: 1_700_000_000, kind: 9734, content: '', tags };
      const zapRequest = JSON.stringify(signEvent('a sender', event));
      const descriptionHash = createHash('sha256').update(zapRequest).digest('hex');
      const { view } = await openAction(stage.at.fixture.engine, {
        ...{ type: 'PROXY_PAYMENT', payment: 'invoice', door: true, caller: ANONYMOUS },
        args: { payee: account.id, sats: 1000, comment: '', descriptionHash, zapRequest },
      });
      await stage.at.payAndDrive(view);
      return [[account, 'DEPOSIT 900000']];
    },
  },
};
