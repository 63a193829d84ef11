/** AES-256 keys by their id. The last one given encrypts; all decrypt. */
export interface CodecKeys {
  readonly current: string;
  readonly all: ReadonlyMap<string, Buffer>;
}

/** Reads `<id>:<64 hex digits>`, separated by commas; undefined for anything else. */
export function parseCodecKeys(text: string): CodecKeys | undefined {
  const all = new Map<string, Buffer>();
  let current = '';
  for (const part of text.split(',')) {
    const [, id = '', hex = ''] =
      /^\s*([A-Za-z0-9._-]{1,64}):([0-9a-fA-F]{64})\s*$/.exec(part) ?? [];
    if (hex === '' || all.has(id)) return undefined;
    all.set(id, Buffer.from(hex, 'hex'));
    current = id;
  }
  return { current, all };
}
