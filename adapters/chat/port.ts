import type { Delivery } from '../../domain/intake/incidents/delivery.js';

/** Writes to a chat by an incoming webhook. Never throws for what the outside does. */
export interface ChatPort {
  /** `text` is in Slack's format, escaped. `hook` is a secret. */
  post(hook: string, text: string): Promise<Delivery>;
}
