import { createInvite } from '../../../../engine/accounts/invites.js';
import { toMsat } from '../../../../domain/money.js';
import { Territories } from '../territories/fixture.helper.js';
import type { Person } from './bugs/bugs.helper.js';
import type { ActionFixture } from './fixture.helper.js';

/** What acts on no item, and what it acts on. */
export class OtherWorld {
  readonly territories: Territories;
  #names = 0;

  private constructor(
    readonly fixture: ActionFixture,
    /** Could pay everything by balance. */
    readonly rich: Person,
  ) {
    this.territories = new Territories(fixture);
  }

  static async create(fixture: ActionFixture): Promise<OtherWorld> {
    return new OtherWorld(fixture, await fixture.account('rich', 1_000_000_000_000n));
  }

  /** A name that nothing has had. */
  name(): string {
    this.#names += 1;
    return `n${this.#names}`;
  }

  /** A territory whose period is over. */
  async due(billing: 'MONTHLY' | 'YEARLY'): Promise<string> {
    const { name } = await this.territories.create(this.rich, this.name(), {
      ...{ billing, autoRenew: false },
    });
    await this.territories.age(name, billing === 'MONTHLY' ? 32 : 367);
    await this.territories.run(name);
    return name;
  }

  async stopped(): Promise<string> {
    const name = await this.due('MONTHLY');
    await this.territories.age(name, 6);
    const { state } = await this.territories.run(name);
    if (state !== 'STOPPED') throw new Error(`${name} is ${state}`);
    return name;
  }

  /** An invitation by the rich one, and somebody new who redeems it. */
  async invitation(giftMsat: bigint): Promise<{ code: string; invitee: Person }> {
    const code = `invite-${this.name()}`;
    const gift = { code, giftMsat: toMsat(giftMsat), mostGifts: 1, expiresAt: null };
    await createInvite(this.fixture.pool, this.rich.id, gift);
    return { code, invitee: await this.fixture.account(`guest-${code}`) };
  }

  /** What everybody sees of what is paid for here. */
  async everybodySees(): Promise<unknown> {
    const { rows } = await this.fixture.pool.query<{ seen: unknown }>(
      `select jsonb_build_object(
         'territories', (select jsonb_agg(t order by t.id) from territories t),
         'donations', (select sum(amount_msat) from donations where state = 'PAID'),
         'gifts', (select jsonb_agg(i order by i.code) from invites i),
         'referred', (select jsonb_agg(jsonb_build_array(id, referrer) order by id) from accounts where referrer is not null),
         'bought', (select sum(actual_msat) from legs where kind = 'BUY_CREDITS')) as seen`,
    );
    return rows[0]?.seen;
  }
}

export interface OtherSample {
  readonly name: string;
  readonly type: string;
  readonly args: (world: OtherWorld) => Promise<object>;
}

/** All that an owner decides, at its most. */
const MOST = {
  ...{ billing: 'ONCE', description: 'd'.repeat(1000), baseCostSats: 100_000 },
  ...{ replyCostSats: 100_000, postTypes: ['LINK', 'DISCUSSION', 'POLL', 'BOUNTY', 'JOB'] },
  ...{ ranking: 'RECENT', moderated: true, autoRenew: false },
};

async function changeOf(world: OtherWorld, to: object): Promise<object> {
  const { name: territory, version } = await world.territories.create(world.rich, world.name());
  return { territory, version, ...to };
}

/** Types that are paid by balance or by a hold, with their smallest and their largest arguments. */
export const OTHER_SAMPLES: readonly OtherSample[] = [
  ...[1, 1_000_000].flatMap((sats) =>
    ['DONATE', 'BUY_CREDITS'].map((type) => ({
      ...{ type, name: `${sats} sats`, args: () => Promise.resolve({ sats }) },
    })),
  ),
  {
    ...{ type: 'TERRITORY_CREATE', name: 'smallest' },
    args: (world) => Promise.resolve({ name: world.name(), billing: 'MONTHLY' }),
  },
  {
    ...{ type: 'TERRITORY_CREATE', name: 'largest' },
    args: (world) => Promise.resolve({ name: world.name().padEnd(32, '_'), ...MOST }),
  },
  {
    ...{ type: 'TERRITORY_UPDATE', name: 'smallest' },
    args: (world) => changeOf(world, { billing: 'YEARLY' }),
  },
  {
    ...{ type: 'TERRITORY_UPDATE', name: 'largest' },
    args: (world) => changeOf(world, MOST),
  },
  ...(['MONTHLY', 'YEARLY'] as const).map((billing): OtherSample => ({
    ...{ type: 'TERRITORY_BILLING', name: billing },
    args: async (world) => ({ territory: await world.due(billing) }),
  })),
  {
    ...{ type: 'TERRITORY_UNARCHIVE', name: 'smallest' },
    args: async (world) => ({ territory: await world.stopped(), billing: 'MONTHLY' }),
  },
  {
    ...{ type: 'TERRITORY_UNARCHIVE', name: 'largest' },
    args: async (world) => ({ territory: await world.stopped(), ...MOST }),
  },
];
