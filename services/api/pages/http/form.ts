import type { FastifyInstance } from 'fastify';

/** The fields of a form as they were sent: texts, each name once or more often. */
export class Form {
  constructor(private readonly fields: URLSearchParams = new URLSearchParams()) {}

  /** Trimmed; empty where it is missing. */
  text(name: string): string {
    return (this.fields.get(name) ?? '').trim();
  }

  /** As it was typed, with lines ended by LF. */
  longText(name: string): string {
    return (this.fields.get(name) ?? '').replaceAll('\r\n', '\n');
  }

  all(name: string): string[] {
    return this.fields.getAll(name).map((value) => value.trim());
  }

  has(name: string): boolean {
    return this.fields.has(name);
  }

  /** NaN where it is no whole number, so that the schema of whoever takes it refuses it. */
  whole(name: string): number {
    const text = this.text(name);
    return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  }

  entries(): [string, string][] {
    return [...this.fields.entries()];
  }
}

/** Bodies of forms are parsed to a {@link Form}; others are refused. */
export function parseForms(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser(
    'application/x-www-form-urlencoded',
    { parseAs: 'string' },
    (_request, body, done) => done(null, new Form(new URLSearchParams(String(body)))),
  );
}

export function formOf(body: unknown): Form {
  return body instanceof Form ? body : new Form();
}
