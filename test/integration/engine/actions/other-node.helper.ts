import { createPool } from '../../../../db/pool.js';
import { DEFAULT_SETTINGS } from '../../../../simulators/lightning/settings.js';
import { SimulatedNode } from '../../../../simulators/lightning/simulated-node.js';
import { migratedDatabase } from '../../../support/empty-database.js';
import type { FaultyNode } from './faulty-node.helper.js';

/** A node with a key and data of its own, which stands in for that of a fixture. */
export class OtherNode {
  #bringBack: () => void = () => undefined;

  private constructor(
    readonly node: SimulatedNode,
    readonly close: () => Promise<void>,
  ) {}

  static async create(): Promise<OtherNode> {
    const database = await migratedDatabase();
    const pool = createPool({
      ...{ connectionString: database.url, max: 4, applicationName: 'quittance-test' },
      onError: () => undefined,
    });
    return new OtherNode(await SimulatedNode.open(pool, DEFAULT_SETTINGS), async () => {
      await pool.end();
      await database.drop();
    });
  }

  /** It answers in place of that one from now on. */
  replace(node: FaultyNode): void {
    this.bringBack();
    this.#bringBack = node.replaceBy(this.node);
  }

  /** The right node is back. */
  bringBack(): void {
    this.#bringBack();
    this.#bringBack = () => undefined;
  }
}
