/** The two forms in which a site serves its REST API; which one depends on its permalinks. */
export type AddressForm = 'pretty' | 'plain';

export interface Address {
  readonly url: URL;
  readonly query: Readonly<Record<string, string>>;
}

/** `path` begins behind the API's version, as in `/orders/205`. The site may be in a folder of its host. */
export function addressOf(form: AddressForm, site: string, path: string): Address {
  const base = site.replace(/\/+$/, '');
  return form === 'pretty'
    ? { url: new URL(`${base}/wp-json/wc/v3${path}`), query: {} }
    : { url: new URL(`${base}/`), query: { rest_route: `/wc/v3${path}` } };
}
