import {
  type Action,
  type Attempt,
  type AttemptState,
  QuittanceError,
  type WaitOptions,
  WaitTimeoutError,
} from '@quittance/sdk';

type State = Extract<AttemptState, 'PENDING' | 'PAID' | 'FAILED' | 'HELD' | 'CANCELLING'>;

/** The calls about actions, as the API answers them, in memory. `log` has what was asked, and what invoices wallets were given. */
export class FakeServer {
  readonly log: string[] = [];
  readonly #attempts: { state: State; reason: string | null }[] = [];
  /** What becomes of an invoice that somebody pays. */
  onPay: (attempt: number) => State = () => 'PAID';

  get newest(): number {
    return this.#attempts.length;
  }

  openAction(): Promise<{ action: Action; replayed: boolean }> {
    this.#attempts.push({ state: 'PENDING', reason: null });
    this.log.push('open');
    return Promise.resolve({ action: this.action(), replayed: false });
  }

  getAction(): Promise<Action> {
    return Promise.resolve(this.action());
  }

  cancelAction(): Promise<Action> {
    this.log.push(`cancel ${this.newest}`);
    const attempt = this.#current();
    if (attempt.state !== 'PENDING') return Promise.reject(notCancellable());
    attempt.state = 'FAILED';
    attempt.reason = 'USER_CANCELLED';
    return Promise.resolve(this.action());
  }

  retryAction(_id: string, attempt: number): Promise<Action> {
    if (attempt !== this.newest || this.#current().state !== 'FAILED') {
      return Promise.reject(new Error('not retryable'));
    }
    this.log.push(`retry ${attempt}`);
    this.#attempts.push({ state: 'PENDING', reason: null });
    return Promise.resolve(this.action());
  }

  async waitForAction(
    _id: string,
    { until, timeoutMs = 5_000, signal }: WaitOptions = {},
  ): Promise<Action> {
    const reached =
      typeof until === 'function'
        ? until
        : ({ state }: Action) => state === 'PAID' || state === 'FAILED';
    const deadline = Date.now() + timeoutMs;
    while (!reached(this.action())) {
      signal?.throwIfAborted();
      if (Date.now() > deadline) throw new WaitTimeoutError('waited too long', this.action());
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return this.action();
  }

  /** What a payment of that invoice does. Throws where nobody can pay it any more. */
  pay(bolt11: string): void {
    const attempt = Number(bolt11.replace('lnbc-', ''));
    const row = this.#attempts[attempt - 1];
    if (row?.state !== 'PENDING') throw new Error(`a cancelled invoice was paid: ${bolt11}`);
    row.state = this.onPay(attempt);
    if (row.state === 'FAILED') row.reason = 'INVOICE_FORWARDING_FAILED';
    this.log.push(`paid ${attempt}`);
  }

  settle(state: State, reason: string | null = null): void {
    Object.assign(this.#current(), { state, reason });
  }

  action(): Action {
    const attempts = this.#attempts.map(({ state, reason }, at): Attempt => ({
      ...{ attempt: at + 1, flow: 'optimistic', state, reason },
      ...{ openedAt: '2026-01-01T00:00:00Z', changedAt: '2026-01-01T00:00:00Z' },
      invoice: {
        ...{ hash: '00', kind: 'ordinary', state: 'open', bolt11: `lnbc-${at + 1}` },
        ...{ amountMsat: '1000', expiresAt: null },
      },
    }));
    const { state } = this.#current();
    return {
      ...{ id: 'a', type: 'ZAP', actor: null, args: {}, costMsat: '1000', state, attempts },
      ...{ createdAt: '2026-01-01T00:00:00Z', result: {}, claimsMsat: '0' },
      retryable: state === 'FAILED',
    };
  }

  #current(): { state: State; reason: string | null } {
    const current = this.#attempts.at(-1);
    if (current === undefined) throw new Error('nothing is open');
    return current;
  }
}

function notCancellable(): QuittanceError {
  const code = 'action.not_cancellable';
  return new QuittanceError({
    ...{ type: code, code, title: code, status: 409, detail: code, instance: '', errors: [] },
  });
}
