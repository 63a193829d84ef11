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

const BAR = 30;

/** A bar that is drawn over itself on a terminal; elsewhere a line for each tenth that is done. */
export class ProgressBar {
  #shown = -1;

  constructor(
    private readonly doing: string,
    private readonly stream: NodeJS.WriteStream = process.stdout,
  ) {}

  show(done: number, total: number): void {
    const part = total === 0 ? 1 : Math.min(1, done / total);
    const step = Math.floor(part * (this.stream.isTTY ? 1000 : 10));
    if (step === this.#shown) return;
    this.#shown = step;
    const percent = `${Math.floor(part * 100)} %`.padStart(5);
    if (!this.stream.isTTY) {
      this.stream.write(`${this.doing}: ${percent.trim()}\n`);
      return;
    }
    const full = Math.round(part * BAR);
    const bar = `${'█'.repeat(full)}${'░'.repeat(BAR - full)}`;
    this.stream.write(`\r${this.doing} ${bar} ${percent}${part === 1 ? '\n' : ''}`);
  }
}
