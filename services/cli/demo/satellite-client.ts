import { z } from 'zod';

const placedSchema = z.object({
  uuid: z.uuid(),
  auth_token: z.string(),
  lightning_invoice: z.object({ payreq: z.string() }),
});
const orderSchema = z.object({
  uuid: z.uuid(),
  status: z.string(),
  bid: z.number(),
  bid_per_byte: z.number(),
  tx_seq_num: z.number().nullable(),
});

export type PlacedOrder = z.output<typeof placedSchema>;
export type SatelliteOrder = z.output<typeof orderSchema>;

/** A longer message has to be a file. */
const LONGEST_TEXT = 1024;

function formOf(bid: string, message: string): URLSearchParams | FormData {
  if (message.length <= LONGEST_TEXT) return new URLSearchParams({ bid, message });
  const form = new FormData();
  form.append('bid', bid);
  form.append('file', new Blob([message]));
  return form;
}

/** The calls of the Satellite API that the demo needs, in the form its own clients use. */
export class SatelliteClient {
  constructor(private readonly baseUrl: string) {}

  async order(message: string, bidMsat: number): Promise<PlacedOrder> {
    const body = formOf(String(bidMsat), message);
    return placedSchema.parse(await this.#json('/order', { method: 'POST', body }));
  }

  async get({ uuid, auth_token }: PlacedOrder): Promise<SatelliteOrder> {
    const headers = { 'X-Auth-Token': auth_token };
    return orderSchema.parse(await this.#json(`/order/${uuid}`, { headers }));
  }

  async message(txSeqNum: number): Promise<string> {
    return (await this.#call(`/message/${txSeqNum}`)).text();
  }

  async #json(path: string, init: RequestInit): Promise<unknown> {
    return (await this.#call(path, init)).json();
  }

  async #call(path: string, init: RequestInit = {}): Promise<Response> {
    const response = await fetch(`${this.baseUrl}${path}`, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  }
}
