/** Actions that a browser without an account has opened, with their capabilities: as a cookie of the newest ones. */
const KEPT = 20;
const ENTRY = /^([0-9a-f-]{36})\.([A-Za-z0-9_-]{43})$/;

export type OwnActions = ReadonlyMap<string, string>;

export function readOwnActions(cookie: string | undefined): OwnActions {
  return new Map(
    (cookie ?? '').split('~').flatMap((entry) => {
      const [, id, capability] = ENTRY.exec(entry) ?? [];
      return id === undefined || capability === undefined ? [] : [[id, capability]];
    }),
  );
}

/** The newest last; the oldest are forgotten. */
export function withOwnAction(own: OwnActions, id: string, capability: string): string {
  const others = [...own].filter(([other]) => other !== id);
  return [...others, [id, capability] as const]
    .slice(-KEPT)
    .map((entry) => entry.join('.'))
    .join('~');
}
