import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { brokenRules } from '../../../support/books.js';
import { Stage } from './crash-effects.helper.js';
import { TRANSACTIONS } from './crash-transactions.helper.js';
import { doEffects, toldTo } from './told.helper.js';

let stage: Stage;

beforeAll(async () => {
  stage = await Stage.create();
});
afterAll(async () => {
  expect(await brokenRules(stage.at.fixture.pool)).toEqual([]);
  await stage.at.fixture.close();
});

/** Whoever writes there dies before it commits. */
async function whileKilledAt(event: string, work: () => Promise<unknown>): Promise<void> {
  const { pool } = stage.at.fixture;
  await pool.query(
    `create function killed() returns trigger language plpgsql as $$ begin raise exception 'killed'; end $$;
     create trigger killed after ${event} for each statement execute function killed()`,
  );
  await work();
  await pool.query('drop function killed() cascade');
}

describe('a crash before the end of the transaction that tells', () => {
  it.each(Object.entries(TRANSACTIONS))('%s', async (_name, { kinds, killedAt, prepare }) => {
    const { fixture } = stage.at;
    const { act, told: expected, happened } = await prepare(stage);
    await doEffects(fixture);
    const people = new Map(expected.map(([of]) => [of.id, of]));
    const told = async (): Promise<string[]> => {
      const lists = [...people.values()].map(async (of) =>
        (await toldTo(fixture, of)).map((what) => `${of.name}: ${what}`),
      );
      return (await Promise.all(lists)).flat().sort();
    };
    const before = await told();
    await whileKilledAt(killedAt ?? 'insert on notices', async () => {
      for (let times = 0; times < 2; times += 1) await expect(act()).rejects.toThrow('killed');
    });
    expect([await happened(), await told()]).toEqual([false, before]);
    const texts = expected.map(([of, what]) => `${of.name}: ${what}`).sort();
    // The last one does not know that it is done.
    for (let times = 0; times < 2; times += 1) {
      await act();
      await doEffects(fixture);
      expect([await happened(), await told()]).toEqual([true, texts]);
    }
    expect(new Set(expected.map(([, what]) => what.split(' ')[0]))).toEqual(new Set(kinds));
  });
});
