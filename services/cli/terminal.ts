const CODES = { red: 31, green: 32, yellow: 33 } as const;

/** Colours are for people: not for a pipe or a file, and not for whoever asked for none (https://no-color.org). */
export function coloured(
  colour: keyof typeof CODES,
  text: string,
  stream: Pick<NodeJS.WriteStream, 'isTTY'> = process.stdout,
): string {
  const plain = !stream.isTTY || (process.env['NO_COLOR'] ?? '') !== '';
  return plain ? text : `\u001b[${CODES[colour]}m${text}\u001b[0m`;
}
