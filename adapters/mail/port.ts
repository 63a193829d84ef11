import type { Delivery } from '../../domain/intake/incidents/delivery.js';

export interface Mail {
  /** Stays the same when the mail is sent again, so that readers see one. With its angle brackets. */
  readonly messageId: string;
  readonly to: readonly string[];
  /** Default: the sender of the installation. */
  readonly from?: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

/** Never throws for what the outside does. */
export interface MailPort {
  send(mail: Mail): Promise<Delivery>;
}
