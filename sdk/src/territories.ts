import { rewardDaysAnswer, statisticsAnswer } from './answers/reward.js';
import { territoryAnswer, territoryPageAnswer } from './answers/territory.js';
import { uploadAnswer } from './answers/upload.js';
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

  async list(page: PageRequest = {}, options: CallOptions = {}): Promise<TerritoryPage> {
    const call = { method: 'GET', path: '/v1/territories', query: { ...page } } as const;
    return (await this.#transport.call({ ...options, ...call, answer: territoryPageAnswer })).value;
  }

  async get(name: string, options: CallOptions = {}): Promise<Territory> {
    const call = { method: 'GET', path: pathOf(name) } as const;
    return (await this.#transport.call({ ...options, ...call, answer: territoryAnswer })).value;
  }

  async change(name: string, body: TerritoryChange, options: CallOptions = {}): Promise<Territory> {
    const call = { method: 'PATCH', path: pathOf(name), body } as const;
    return (await this.#transport.call({ ...options, ...call, answer: territoryAnswer })).value;
  }

  /** To another account. */
  async transfer(name: string, to: string, options: CallOptions = {}): Promise<Territory> {
    const call = { method: 'POST', path: `${pathOf(name)}/transfer`, body: { to } } as const;
    return (await this.#transport.call({ ...options, ...call, answer: territoryAnswer })).value;
  }

  /** The newest days of the rewards pool, before one where that is given. */
  async rewardDays(before?: string, options: CallOptions = {}): Promise<readonly RewardDay[]> {
    const call = { method: 'GET', path: '/v1/rewards', query: { before } } as const;
    return (await this.#transport.call({ ...options, ...call, answer: rewardDaysAnswer })).value
      .days;
  }

  /** What was paid, by day (UTC) and type of action. */
  async statistics(from: string, through: string, options: CallOptions = {}): Promise<Statistics> {
    const call = { method: 'GET', path: '/v1/statistics', query: { from, through } } as const;
    return (await this.#transport.call({ ...options, ...call, answer: statisticsAnswer })).value;
  }

  /** Stores a file: texts show it by its address. */
  async upload(bytes: Uint8Array<ArrayBuffer>, options: CallOptions = {}): Promise<Upload> {
    const call = { method: 'POST', path: '/v1/uploads', bytes } as const;
    return (await this.#transport.call({ ...options, ...call, answer: uploadAnswer })).value;
  }
}

function pathOf(name: string): string {
  return `/v1/territories/${encodeURIComponent(name)}`;
}
