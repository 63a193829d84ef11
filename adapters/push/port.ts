/** A device of a browser, as it has subscribed. */
export interface PushDevice {
  /** Of the push service that its browser uses. */
  readonly endpoint: string;
  /** P-256, uncompressed: 65 bytes. */
  readonly p256dh: Buffer;
  /** 16 bytes. */
  readonly auth: Buffer;
}

export interface PushMessage {
  /** At most 3,900 bytes. */
  readonly text: string;
  /** One that waits at the push service under the same topic is replaced. At most 32 of the letters of base64url. */
  readonly topic: string;
}

/** Web push (RFC 8030, 8291, 8292). */
export interface PushPort {
  /** `gone`: the device does not exist any more. Throws where it is not known to be delivered. */
  send(device: PushDevice, message: PushMessage): Promise<'delivered' | 'gone'>;
}
