/** The migrations and the database do not fit; the message says what to do. */
export class MigrationError extends Error {
  override readonly name = 'MigrationError';
}
