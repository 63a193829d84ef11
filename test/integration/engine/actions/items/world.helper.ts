import type { ActionView, OpenAction } from '../../../../../engine/actions/contract.js';
import { ActionFixture } from '../fixture.helper.js';
import { expire, type Person, statesOf } from '../bugs/bugs.helper.js';

/** Accounts and paid items on which types act. `payer` could pay by balance, but is asked to pay by invoice. */
export class World {
  #items = 0;

  private constructor(
    readonly fixture: ActionFixture,
    readonly author: Person,
    readonly rich: Person,
    readonly payer: Person,
  ) {}

  static async create(fixture?: ActionFixture): Promise<World> {
    const on = fixture ?? (await ActionFixture.create());
    return new World(
      on,
      await on.account('author', 1_000_000_000_000n),
      await on.account('rich', 1_000_000_000_000n),
      await on.account('payer', 100_000_000n),
    );
  }

  /** By an account whose balance covers it. */
  async paid(type: string, args: unknown, by: Person = this.author): Promise<ActionView> {
    const { view } = await this.fixture.open(by, { type, args });
    if (view.state !== 'PAID') throw new Error(`${type} is ${view.state}`);
    return view;
  }

  /** The id of a paid item, like no other. */
  async item(args: object = {}, by: Person = this.author): Promise<string> {
    this.#items += 1;
    return itemOf(await this.paid('ITEM_CREATE', { title: `Post ${this.#items}`, ...args }, by));
  }

  async comment(parentId: string, text = 'A comment', by: Person = this.author): Promise<string> {
    return itemOf(await this.paid('ITEM_CREATE', { kind: 'comment', parentId, text }, by));
  }

  async unpaid(request: Pick<OpenAction, 'type' | 'args'>, by: Person): Promise<ActionView> {
    return (await this.fixture.open(by, { ...request, payment: 'invoice' })).view;
  }

  async pay(view: ActionView): Promise<string[]> {
    await this.fixture.pay(view);
    await this.fixture.deliver();
    await this.fixture.drive(view.id);
    return statesOf(this.fixture, view.id);
  }

  fail(view: ActionView): Promise<ActionView> {
    return expire(this.fixture, view.id);
  }

  async counters(itemId: string): Promise<Record<string, unknown>> {
    const { rows } = await this.fixture.pool.query<Record<string, unknown>>(
      'select * from item_counters where id = $1',
      [itemId],
    );
    return rows[0] ?? {};
  }

  /** Everything that somebody else than its author can see of items. */
  async everybodySees(): Promise<unknown> {
    const { rows } = await this.fixture.pool.query<{ seen: unknown }>(
      `select jsonb_build_object(
         'items', (select jsonb_agg((to_jsonb(i) - 'text' - 'words' || to_jsonb(c)) || jsonb_build_object('text', md5(i.text)) order by i.id) from items i join item_counters c using (id)
           where i.state = 'PAID'),
         'forwards', (select jsonb_agg(f order by item_id, account_id) from item_forwards f join items i on i.id = f.item_id
           where i.state = 'PAID'),
         'options', (select jsonb_agg(o order by o.id) from poll_options o join items i on i.id = o.item_id where i.state = 'PAID'),
         'tallies', (select jsonb_agg(v.option_id order by v.option_id) from poll_votes v where v.state = 'PAID'),
         'weights', (select jsonb_agg(v order by item_id, account_id) from item_votes v)) as seen`,
    );
    return rows[0]?.seen;
  }
}

export function itemOf(view: ActionView): string {
  const { itemId } = view.result;
  if (itemId === undefined) throw new Error(`action ${view.id} has no item`);
  return itemId;
}
