/** A part of a form that has no file name is text, whatever its type, as the peer reads it. */
interface FormPart {
  readonly name: string;
  readonly isFile: boolean;
  readonly content: Buffer;
}

/** As the peer: a longer boundary is none. */
const BOUNDARY = /^[ -~]{0,199}[!-~]$/;
const CRLF = Buffer.from('\r\n');
const HEAD_END = Buffer.from('\r\n\r\n');
const MAX_HEAD_BYTES = 8 * 1024;

/** The boundary in a Content-Type of multipart/form-data; undefined when it has none that is valid. */
export function boundaryOf(contentType: string): string | undefined {
  const value = parameter(contentType, 'boundary');
  return value !== undefined && BOUNDARY.test(value) ? value : undefined;
}

/**
 * The parts of a multipart body; undefined when it is broken anywhere: no closing boundary, a line that does not end in CRLF, a part
 * without a name. What stands before the first boundary and after the last is ignored.
 */
export function parseMultipart(body: Buffer, boundary: string): readonly FormPart[] | undefined {
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  // So that a boundary at the very beginning is found as the others are.
  const text = Buffer.concat([CRLF, body]);
  const parts: FormPart[] = [];
  let at = text.indexOf(delimiter);
  while (at !== -1) {
    const start = at + delimiter.length;
    if (text.toString('latin1', start, start + 2) === '--') return parts;
    const lineEnd = text.indexOf(CRLF, start);
    // Only white space may follow a boundary on its line.
    if (lineEnd === -1 || text.toString('latin1', start, lineEnd).trim() !== '') return undefined;
    at = text.indexOf(delimiter, lineEnd);
    if (at === -1) return undefined;
    const part = partIn(text.subarray(lineEnd + CRLF.length, at));
    if (part === undefined) return undefined;
    parts.push(part);
  }
  return undefined;
}

function partIn(bytes: Buffer): FormPart | undefined {
  const headEnd = bytes.indexOf(HEAD_END);
  if (headEnd === -1 || headEnd > MAX_HEAD_BYTES) return undefined;
  const lines = bytes.toString('utf8', 0, headEnd).split('\r\n');
  const disposition = lines.find((line) => /^content-disposition:/i.test(line));
  const name = disposition === undefined ? undefined : parameter(disposition, 'name');
  if (disposition === undefined || name === undefined) return undefined;
  const isFile =
    parameter(disposition, 'filename') !== undefined || /;\s*filename\*=/i.test(disposition);
  return { name, isFile, content: bytes.subarray(headEnd + HEAD_END.length) };
}

/** A parameter of a header field, quoted or not. */
function parameter(header: string, name: string): string | undefined {
  for (const [, key, quoted, plain] of header.matchAll(PARAMETER)) {
    if (key?.toLowerCase() === name) return quoted?.replaceAll(/\\(["\\])/g, '$1') ?? plain;
  }
  return undefined;
}

const PARAMETER = /;\s*([!#$%&'*+.^_`|~\w-]+)=(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))/g;
