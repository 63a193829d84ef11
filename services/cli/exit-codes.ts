/** What a command's exit code says; the same for all commands. */
export const EXIT = {
  well: 0,
  /** Something is broken, or what was asked for was refused. */
  broken: 1,
  /** It could not be looked at, or done: a server that is not reached, a setting or an argument that is wrong. */
  notLooked: 2,
} as const;
