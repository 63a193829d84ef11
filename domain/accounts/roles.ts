/** What a token may be used for. `own`: to act for its own account; the others are for operators and their helpers. */
export const SCOPES = [
  'own',
  'read',
  'accounts',
  'grants',
  'operators',
  'stores',
  'credits',
  'payments',
  'metrics',
] as const;

export type Scope = (typeof SCOPES)[number];
export type StaffScope = Exclude<Scope, 'own'>;

export const ROLES = ['user', 'operator', 'support', 'finance', 'metrics'] as const;

export type Role = (typeof ROLES)[number];

const SCOPES_OF: Readonly<Record<Role, readonly Scope[]>> = {
  user: ['own'],
  operator: SCOPES,
  support: ['own', 'read'],
  finance: ['own', 'read', 'grants'],
  metrics: ['metrics'],
};

/** What a role may do with a token of these scopes; null where the token is not restricted. */
export function scopesOf(role: Role, token: readonly Scope[] | null): readonly Scope[] {
  const ofRole = SCOPES_OF[role];
  return token === null ? ofRole : ofRole.filter((scope) => token.includes(scope));
}

/** Who acts: a role, and the scopes of the token, or all of the role's. */
export interface Actor {
  readonly role: Role;
  readonly scopes?: readonly Scope[];
}

export function mayDo({ role, scopes }: Actor, scope: Scope): boolean {
  return (scopes ?? SCOPES_OF[role]).includes(scope);
}

/** Everybody whose acts are audited. */
export function isStaff(role: Role): boolean {
  return role !== 'user';
}
