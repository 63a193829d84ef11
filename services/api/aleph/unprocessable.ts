/** Bad input, answered with 422 as the peer's schemas do. */
export class Unprocessable extends Error {
  override readonly name = 'Unprocessable';

  constructor(
    readonly field: string,
    message: string,
  ) {
    super(message);
  }

  get body(): readonly object[] {
    return [{ type: 'value_error', loc: [this.field], msg: this.message }];
  }
}
