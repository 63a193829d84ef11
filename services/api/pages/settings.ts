/** How the pages are served. */
export interface PageSettings {
  /** Before every address of a page, like `/forum`; empty for none. */
  readonly base: string;
  /** Cookies are sent over HTTPS only. */
  readonly secureCookies: boolean;
  /** Of Temporal's UI, with its namespace; null where it has none. */
  readonly temporalUi: string | null;
  /** How often the rows behind open event streams are read again. */
  readonly eventsMs: number;
}
