import {
  rewardDaysAnswer,
  statisticsAnswer,
  territoryAnswer,
  territoryPageAnswer,
  uploadAnswer,
} from './guards.js';
import type { CallOptions, Transport } from './transport.js';
import type {
  PageRequest,
  RewardDay,
  Statistics,
  Territory,
  TerritoryPage,
  Upload,
} from './types.js';

/** What of a territory its owner may change where that costs nothing. */
export interface TerritoryChange {
  /** As it was read: a territory that has changed since is not changed. */
  readonly version: number;
  readonly description?: string;
  readonly baseCostSats?: number;
  readonly replyCostSats?: number;
  readonly postTypes?: readonly string[];
  readonly ranking?: 'WOT' | 'RECENT';
  readonly moderated?: boolean;
  readonly autoRenew?: boolean;
  readonly billing?: 'MONTHLY' | 'YEARLY' | 'ONCE';
}

/** Territories, rewards, statistics and files. They are bought by actions: TERRITORY_CREATE and so on. */
export class Territories {
  readonly #transport: Transport;

  constructor(transport: Transport) {
    this.#transport = transport;
  }

  list(page: PageRequest = {}, options: CallOptions = {}): Promise<TerritoryPage> {
    return this.#transport.get('/v1/territories', territoryPageAnswer, options, { ...page });
  }

  get(name: string, options: CallOptions = {}): Promise<Territory> {
    return this.#transport.get(pathOf(name), territoryAnswer, options);
  }

  change(name: string, body: TerritoryChange, options: CallOptions = {}): Promise<Territory> {
    const call = { method: 'PATCH', path: pathOf(name), body } as const;
    return this.#transport.value({ ...options, ...call, answer: territoryAnswer });
  }

  /** To another account. */
  transfer(name: string, to: string, options: CallOptions = {}): Promise<Territory> {
    return this.#transport.post(`${pathOf(name)}/transfer`, { to }, territoryAnswer, options);
  }

  /** The newest days of the rewards pool, before one where that is given. */
  async rewardDays(before?: string, options: CallOptions = {}): Promise<readonly RewardDay[]> {
    return (await this.#transport.get('/v1/rewards', rewardDaysAnswer, options, { before })).days;
  }

  /** What was paid, by day (UTC) and type of action. */
  statistics(from: string, through: string, options: CallOptions = {}): Promise<Statistics> {
    return this.#transport.get('/v1/statistics', statisticsAnswer, options, { from, through });
  }

  /** Stores a file: texts show it by its address. */
  upload(bytes: Uint8Array<ArrayBuffer>, options: CallOptions = {}): Promise<Upload> {
    const call = { method: 'POST', path: '/v1/uploads', bytes } as const;
    return this.#transport.value({ ...options, ...call, answer: uploadAnswer });
  }
}

function pathOf(name: string): string {
  return `/v1/territories/${encodeURIComponent(name)}`;
}
