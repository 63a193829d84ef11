/** Value of a cookie in the header `cookie`; undefined where it is not there. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return undefined;
}

export interface CookieTerms {
  readonly secure: boolean;
  /** Seconds; 0 deletes it. */
  readonly maxAge: number;
}

/** A `set-cookie` that no script reads, and no other site sends along with a form. The value must need no quoting. */
export function cookieText(name: string, value: string, { secure, maxAge }: CookieTerms): string {
  const parts = [`${name}=${value}`, 'Path=/', `Max-Age=${maxAge}`, 'HttpOnly', 'SameSite=Lax'];
  return (secure ? [...parts, 'Secure'] : parts).join('; ');
}

/** With the prefix, a browser takes it only over HTTPS, of this host alone, for all paths. */
export function cookieName(name: 'session' | 'client' | 'own', secure: boolean): string {
  return secure ? `__Host-quittance-${name}` : `quittance-${name}`;
}
