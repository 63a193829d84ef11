import type { DeadLetter } from '../../shared/dead-letters/read.js';

const LONGEST_BODY = 200;

/** For a person. */
export function deadLetterLines(letter: DeadLetter): string[] {
  const body = bodyText(letter);
  return [
    `${letter.seq}  ${letter.subject}  ${letter.storedAt}`,
    `    reason: ${letter.reason} (${letter.consumer}, ${letter.diedAt})`,
    `    id:     ${letter.messageId ?? '(none)'}`,
    `    body:   ${body.length > LONGEST_BODY ? `${body.slice(0, LONGEST_BODY)}…` : body}`,
  ];
}

/** For a program: one line, the whole body as text, bytes that are not UTF-8 replaced. */
export function deadLetterJson(letter: DeadLetter): string {
  return JSON.stringify({ ...letter, body: new TextDecoder().decode(letter.body) });
}

/** A message may hold what would move a terminal's cursor. */
function bodyText({ body }: DeadLetter): string {
  return new TextDecoder().decode(body).replace(/\p{Cc}+/gu, ' ');
}
