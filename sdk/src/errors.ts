import type { Problem } from './answers/problem.js';

/** The request was refused and nothing was changed. Programs go by `code`. */
export class QuittanceError extends Error {
  override readonly name = 'QuittanceError';
  readonly code: string;
  readonly status: number;
  readonly detail: string;
  /** What is wrong with single fields. */
  readonly errors: Problem['errors'];
  /** The request's id in the logs of the API. */
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

/** There was no readable answer: it is not known whether the request was carried out. Repeating it with the same key is safe. */
export class NoAnswerError extends Error {
  override readonly name = 'NoAnswerError';
}

/** The state that was waited for was not reached in time; it may still be. `cause` is the failure of the last read, if it failed. */
export class WaitTimeoutError<T> extends Error {
  override readonly name = 'WaitTimeoutError';

  constructor(
    message: string,
    /** As it was last read; undefined when it never was. */
    readonly last: T,
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}
