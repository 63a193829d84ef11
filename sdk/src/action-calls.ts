import type { CallOptions } from './transport.js';
import type {
  Action,
  OpenActionRequest,
  OpenedAction,
  PaymentChoice,
  WaitOptions,
} from './types.js';

/** The calls about one action, as the client has them. */
export interface ActionCalls {
  openAction(request: OpenActionRequest, options?: CallOptions): Promise<OpenedAction>;
  getAction(id: string, options?: CallOptions): Promise<Action>;
  cancelAction(id: string, options?: CallOptions): Promise<Action>;
  retryAction(
    id: string,
    attempt: number,
    payment?: PaymentChoice,
    options?: CallOptions,
  ): Promise<Action>;
  waitForAction(id: string, options?: WaitOptions): Promise<Action>;
}
