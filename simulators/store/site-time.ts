/** Times of one second as the REST API writes them: local to the site, and in GMT, both without a zone. */
export interface SiteTime {
  readonly seconds: number;
  readonly local: string;
  readonly gmt: string;
}

/** Clock and calendar of a site. */
export class SiteZone {
  readonly #format: Intl.DateTimeFormat;

  constructor(zone: string) {
    this.#format = new Intl.DateTimeFormat('sv-SE', {
      timeZone: zone,
      dateStyle: 'short',
      timeStyle: 'medium',
    });
  }

  time(seconds: number): SiteTime {
    const date = new Date(seconds * 1000);
    return { seconds, local: this.local(seconds), gmt: date.toISOString().slice(0, 19) };
  }

  local(seconds: number): string {
    return this.#format.format(seconds * 1000).replace(' ', 'T');
  }

  /** The first second that shows this local time, or, when the clock skips it, one near it. */
  seconds(local: string): number {
    const wanted = Date.parse(`${local}Z`) / 1000;
    let guess = wanted;
    for (let round = 0; round < 2; round += 1) {
      guess += wanted - Date.parse(`${this.local(guess)}Z`) / 1000;
    }
    return guess;
  }
}
