/** The text is no valid BOLT11 invoice, or the fields cannot be written as one. */
export class Bolt11Error extends Error {
  override readonly name = 'Bolt11Error';
}
