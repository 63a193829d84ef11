import type { JSX } from 'preact';
import { encode } from 'uqr';

const QUIET_ZONE = 4;

/** The path of all dark modules of a QR code, a row at a time, and its side in modules with the quiet zone. */
export function qrPath(text: string): { readonly path: string; readonly side: number } {
  const { data, size } = encode(text, { ecc: 'L', boostEcc: false, border: QUIET_ZONE });
  const path = data.flatMap((row, y) => runsOf(row).map(([x, n]) => `M${x} ${y}h${n}v1h-${n}z`));
  return { path: path.join(''), side: size };
}

function runsOf(row: readonly boolean[]): [start: number, length: number][] {
  const runs: [number, number][] = [];
  row.forEach((dark, x) => {
    const last = runs.at(-1);
    if (!dark) return;
    if (last !== undefined && last[0] + last[1] === x) last[1] += 1;
    else runs.push([x, 1]);
  });
  return runs;
}

/**
 * A QR code of an invoice, dark on white whatever the colours of the page. BOLT11 in capitals needs fewer modules, since a QR code has a
 * shorter alphabet for them.
 */
export function InvoiceQr({
  bolt11,
  label = 'QR code of the invoice',
}: {
  readonly bolt11: string;
  readonly label?: string;
}): JSX.Element {
  const { path, side } = qrPath(bolt11.toUpperCase());
  return (
    <div class="qr">
      <svg
        viewBox={`0 0 ${side} ${side}`}
        role="img"
        aria-label={label}
        shape-rendering="crispEdges"
      >
        <rect width={side} height={side} fill="#fff" />
        <path d={path} fill="#000" />
      </svg>
    </div>
  );
}
