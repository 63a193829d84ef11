/** Rejects, or takes too long, when the process cannot work. */
export type HealthCheck = () => Promise<unknown>;

export type Phase = 'starting' | 'running' | 'draining';

export interface Readiness {
  readonly ready: boolean;
  readonly phase: Phase;
  /** By name: `ok`, or the error. */
  readonly checks: Readonly<Record<string, string>>;
}

const CHECK_TIMEOUT_MS = 2_000;

/** The phase of a process, and checks of what it needs to work. */
export class Health {
  phase: Phase = 'starting';
  readonly #checks = new Map<string, HealthCheck>();

  addCheck(name: string, check: HealthCheck): void {
    if (this.#checks.has(name)) throw new Error(`a check named ${name} exists already`);
    this.#checks.set(name, check);
  }

  async readiness(): Promise<Readiness> {
    const results = await Promise.all(
      [...this.#checks].map(async ([name, check]) => [name, await outcomeOf(check)] as const),
    );
    const allOk = results.every(([, outcome]) => outcome === 'ok');
    return {
      ready: this.phase === 'running' && allOk,
      phase: this.phase,
      checks: Object.fromEntries(results),
    };
  }
}

async function outcomeOf(check: HealthCheck): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer within ${CHECK_TIMEOUT_MS} ms`), CHECK_TIMEOUT_MS);
  });
  const outcome = Promise.resolve()
    .then(check)
    .then(
      () => 'ok',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
  try {
    return await Promise.race([outcome, tooLong]);
  } finally {
    clearTimeout(timer);
  }
}
