import { escapeHtml, type MailContent } from '../incidents/mail-text.js';
import type { Participant } from './participants.js';
import type { SlipRules } from './rules.js';

/** What a slip says. */
export interface SlipFacts extends Pick<Participant, 'name' | 'product' | 'position' | 'fields'> {
  readonly store: string;
  readonly order: string;
  /** Above 1: it stands for the one before. */
  readonly version: number;
}

/** The store's template, filled in. A name in braces that is not known stays as it is. */
export function slipMail(
  { subject, text, html }: Pick<SlipRules, 'subject' | 'text' | 'html'>,
  facts: SlipFacts,
): MailContent {
  const { fields, position, version, ...texts } = facts;
  const lines = Object.entries(fields);
  const values = { ...texts, position: String(position), version: String(version) };
  const plain = { ...values, fields: lines.map(([key, value]) => `${key}: ${value}\n`).join('') };
  const rows = lines.map(
    ([key, value]) => `<tr><td>${escapeHtml(key)}</td><td>${escapeHtml(value)}</td></tr>`,
  );
  const escaped = {
    ...Object.fromEntries(Object.entries(values).map(([key, value]) => [key, escapeHtml(value)])),
    fields: rows.length === 0 ? '' : `<table>${rows.join('')}</table>`,
  };
  return {
    // A line break in a subject would begin another header.
    subject: fill(subject, plain).replace(/\s+/g, ' ').trim().slice(0, 500),
    text: fill(text, plain),
    html: fill(html, escaped),
  };
}

function fill(template: string, values: Readonly<Record<string, string>>): string {
  return template.replace(/\{\{(\w+)\}\}/g, (whole, name: string) =>
    Object.hasOwn(values, name) ? (values[name] ?? whole) : whole,
  );
}
