import { createTerritoryActivities } from '../../../../activities/territory.js';
import type { ActionView } from '../../../../engine/actions/contract.js';
import { readTerritory, type TerritoryRow } from '../../../../engine/territories/territory-row.js';
import type { ActionFixture } from '../actions/fixture.helper.js';
import type { Person } from '../actions/bugs/bugs.helper.js';

/** Territories of a fixture, and their time. */
export class Territories {
  constructor(readonly fixture: ActionFixture) {}

  row(name: string): Promise<TerritoryRow> {
    return readTerritory(this.fixture.pool, name);
  }

  async create(owner: Person, name: string, args: object = {}): Promise<TerritoryRow> {
    await this.fixture.open(owner, {
      ...{ type: 'TERRITORY_CREATE', args: { name, billing: 'MONTHLY', ...args } },
      payment: 'credits',
    });
    return this.row(name);
  }

  /** Its money is held and settled. */
  async paid(view: ActionView): Promise<ActionView> {
    await this.fixture.pay(view);
    await this.fixture.deliver();
    await this.fixture.drive(view.id);
    await this.fixture.deliver();
    return this.fixture.view(view.id);
  }

  /** Everything of it happened so many days earlier. */
  async age(name: string, days: number): Promise<void> {
    await this.fixture.pool.query(
      `update territories set billed_at = billed_at - $2 * interval '1 day', paid_until = paid_until - $2 * interval '1 day',
         due_at = due_at - $2 * interval '1 day' where name = $1`,
      [name, days],
    );
  }

  /** What its workflow does until it has to wait. */
  async run(name: string): Promise<TerritoryRow> {
    const { id } = await this.row(name);
    const activities = createTerritoryActivities(this.fixture.engine, 'http://127.0.0.1:8420');
    const input = { territory: id.toString() };
    for (let rounds = 0; rounds < 10; rounds += 1) {
      const { call } = await activities.advanceTerritory(input);
      if (call === null) return this.row(name);
      await activities[call](input);
    }
    throw new Error('the steps do not end');
  }
}
