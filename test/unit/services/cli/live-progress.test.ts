import { afterEach, describe, expect, it, vi } from 'vitest';
import { LiveProgress } from '../../../../services/cli/live-progress.js';
import { coloured } from '../../../../services/cli/terminal.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

function terminal(isTTY: boolean, columns = 60) {
  const written: string[] = [];
  const write = (text: string | Uint8Array): boolean => {
    written.push(String(text));
    return true;
  };
  return { written, stream: { isTTY, columns, write } };
}

/** What stands on the screen: of the last line only what was written since it was cleared. */
const screenOf = (written: readonly string[]): string =>
  written
    .join('')
    .split('\n')
    .map((line) => line.slice(line.lastIndexOf('\r') + 1).replace('\u001b[2K', ''))
    .join('\n');

describe('progress on a terminal', () => {
  it('shows a bar of what is done and what is under way, below the lines that are printed', () => {
    vi.stubEnv('NO_COLOR', '');
    let now = 0;
    const { written, stream } = terminal(true, 200);
    const live = new LiveProgress(stream, () => now);
    const first = live.begin('PostgreSQL: starting');
    const second = live.begin('NATS: compiling');
    now = 3_000;
    live.print('a line');
    expect(screenOf(written)).toBe(
      `a line\n${'░'.repeat(20)} 0 of 2  PostgreSQL: starting 3 s, NATS: compiling 3 s`,
    );
    first();
    first();
    expect(screenOf(written)).toBe(
      `a line\n${'█'.repeat(10)}${'░'.repeat(10)} 1 of 2  NATS: compiling 3 s`,
    );
    second();
    live.print('done');
    expect(screenOf(written)).toBe('a line\ndone\n');
  });

  it('is no longer than the line', () => {
    vi.stubEnv('NO_COLOR', '');
    const { written, stream } = terminal(true);
    new LiveProgress(stream).begin('x'.repeat(200))();
    const lines = written.map((text) => text.replace('\r\u001b[2K', ''));
    expect(Math.max(...lines.map(({ length }) => length))).toBe(59);
  });

  it.each([
    ['a pipe', false, ''],
    ['NO_COLOR', true, '1'],
  ])('is not shown on %s, nor are colours', (_what, isTTY, noColor) => {
    vi.stubEnv('NO_COLOR', noColor);
    const { written, stream } = terminal(isTTY);
    const live = new LiveProgress(stream);
    const end = live.begin('something');
    live.print('a line');
    end();
    expect(written).toEqual(['a line\n']);
    expect(coloured('red', 'text', stream)).toBe('text');
  });

  it('has colours', () => {
    vi.stubEnv('NO_COLOR', '');
    expect(coloured('red', 'text', { isTTY: true })).toBe('\u001b[31mtext\u001b[0m');
  });
});
