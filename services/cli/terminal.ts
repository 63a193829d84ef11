const CODES = { red: 31, green: 32, yellow: 33 } as const;

type Stream = Pick<NodeJS.WriteStream, 'isTTY'>;

/** Colours and bars are for people: not for a pipe or a file, and not for whoever asked for none (https://no-color.org). */
export function plain(stream: Stream = process.stdout): boolean {
  return !stream.isTTY || (process.env['NO_COLOR'] ?? '') !== '';
}

export function coloured(
  colour: keyof typeof CODES,
  text: string,
  stream: Stream = process.stdout,
): string {
  return plain(stream) ? text : `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}
