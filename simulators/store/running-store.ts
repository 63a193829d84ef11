import { Authentication } from './http/authenticate.js';
import { Scenario } from './scenario/scenario.js';
import { type StoreSettings, settingsSchema } from './settings.js';
import { SimulatedStore } from './simulated-store.js';

interface Current {
  readonly store: SimulatedStore;
  readonly authentication: Authentication;
  readonly scenario: Scenario;
}

const CATCH_UP_MS = 20;

/** The store that the process runs at the moment, kept up with its clock. */
export class RunningStore {
  #current = create(settingsSchema.parse({}));
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  get current(): Current {
    return this.#current;
  }

  /** Replaces it by a new one; jobs of the old one are dropped. */
  replace(settings: StoreSettings): void {
    this.#current = create(settings);
  }

  start(): void {
    this.#timer = setTimeout(() => {
      void this.#current.store.catchUp().finally(() => {
        if (!this.#stopped) this.start();
      });
    }, CATCH_UP_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}

function create(settings: StoreSettings): Current {
  const store = new SimulatedStore(settings);
  return {
    store,
    authentication: new Authentication(settings),
    scenario: new Scenario(store),
  };
}
