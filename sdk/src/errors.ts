import type { Problem } from './answers/problem.js';

/** The request was refused and nothing was changed. `code` is stable. */
export class QuittanceError extends Error {
  override readonly name = 'QuittanceError';
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  /** What is wrong with single fields. */
  readonly errors: Problem['errors'];
  /** As in the logs of the API. */
  readonly requestId: string;

  constructor(problem: Problem) {
    super(`${problem.code}: ${problem.detail}`);
    this.code = problem.code;
    this.status = problem.status;
    this.detail = problem.detail;
    this.errors = problem.errors;
    this.requestId = problem.instance;
  }
}

/** No readable answer: the outcome is not known. The same key may be sent again. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** The awaited state has not been reached in time; it may still be. */
export class WaitTimeoutError<T> extends Error {
  override readonly name = 'WaitTimeoutError';

  constructor(
    message: string,
    /** As it was seen last. */
    readonly last: T,
  ) {
    super(message);
  }
}
