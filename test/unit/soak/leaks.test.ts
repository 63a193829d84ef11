import { describe, expect, it } from 'vitest';
import { leftOpen, openRows } from '../../soak/chaos/left-open.js';
import { leaksIn, type Sample, trendOf, trendRows } from '../../soak/chaos/leaks.js';

const SAMPLES = 300;
const EVERY_MS = 2_000;
const KINDS = ['anonymous', 'heap', 'fds', 'handles'] as const;

/** A process that grows from 100 of everything, as `grown` says, from 0 at first to 1 at the end. */
function watched(grown: (share: number) => number, what: readonly string[] = KINDS): Sample[] {
  return Array.from({ length: SAMPLES }, (_, n) => {
    const value = (kind: string): number =>
      what.includes(kind) ? 100 + grown(n / (SAMPLES - 1)) : 100;
    const [anonymous, heap, fds, handles] = [
      value('anonymous'),
      value('heap'),
      value('fds'),
      value('handles'),
    ];
    return { pid: 1, atMs: n * EVERY_MS, anonymous, heap, fds, handles };
  });
}

const leaks = (samples: readonly Sample[]): string[] => leaksIn([trendOf('api', samples)]);

describe('the leak check', () => {
  it('lets what is flat, or shrinks, pass', () => {
    expect(leaks(watched(() => 0))).toEqual([]);
    expect(leaks(watched((share) => -50 * share))).toEqual([]);
  });

  it('lets what warms up pass: it has grown, and then it is full', () => {
    expect(leaks(watched((share) => Math.min(60, 150 * share)))).toEqual([]);
  });

  it.each(['anonymous', 'heap'])('notices when %s goes on growing', (kind) => {
    const found = leaks(watched((share) => 60 * share, [kind]));
    expect(found).toEqual([expect.stringContaining(`api: ${kind} from 130.`)]);
  });

  it('is not led astray by single peaks, nor by the teeth of a heap that is collected', () => {
    let n = 0;
    expect(leaks(watched(() => ((n += 1) % 7 === 0 ? 80 : 0), ['anonymous']))).toEqual([]);
    expect(leaks(watched((share) => (share * 60) % 3, ['heap']))).toEqual([]);
  });

  it('finds a leak under the teeth of a heap', () => {
    expect(leaks(watched((share) => 40 * share + ((share * 60) % 3), ['heap']))).toHaveLength(1);
  });

  it('watches the newest life only', () => {
    const before = watched((share) => 500 * share).map((one) => ({ ...one, pid: 0, atMs: -1 }));
    expect(leaks([...before, ...watched(() => 0)])).toEqual([]);
  });

  it('notices when nothing could be read', () => {
    expect(leaks([])).toHaveLength(2);
    expect(leaks(watched(() => NaN, ['anonymous']))).toHaveLength(1);
  });

  it('is shown in a table: at first, when warm, at the end', () => {
    const trend = trendOf(
      'api',
      watched((share) => 60 * share),
    );
    expect(trendRows([trend])[1]).toEqual(['api', '300', ...KINDS.map(() => '100 → 130 → 160')]);
  });
});

describe('what is left open', () => {
  const open = (fds: number, handles: number) => new Map([['api', { fds, handles }]]);

  it('is what is open at rest and was not before', () => {
    expect(leftOpen(open(30, 10), open(35, 15))).toEqual([]);
    expect(leftOpen(open(30, 10), open(20, 8))).toEqual([]);
    expect(leftOpen(open(30, 10), open(36, 15))).toEqual(['api: fds at rest from 30 to 36']);
    expect(leftOpen(open(30, 10), open(30, 16))).toEqual(['api: handles at rest from 10 to 16']);
  });

  it('is not known when nothing could be read', () => {
    expect(leftOpen(open(30, 10), open(NaN, 10))).toHaveLength(1);
    expect(leftOpen(new Map(), open(30, 10))).toHaveLength(2);
  });

  it('is shown in a table', () => {
    expect(openRows(open(30, 10), open(31, 9))[1]).toEqual(['api', '30 → 31', '10 → 9']);
  });
});
