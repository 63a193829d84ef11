import { kindRule } from './kinds.js';
import {
  headlineOf,
  localTime,
  type Message,
  ordersText,
  type Section,
  sectionsOf,
  type ToldIncident,
} from './message.js';

export interface MailContent {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
}

const TEST = 'This is a test message. Notices about the store are sent to this address.';

/** The same in text and in HTML. */
export function mailContent(message: Message): MailContent {
  const subject = headlineOf(message, (kind) => kindRule(kind).title);
  const sections = sectionsOf(message);
  return { subject, text: textOf(message, sections), html: htmlOf(message, subject, sections) };
}

function textOf({ store, what }: Message, sections: readonly Section[]): string {
  const lines = [`${store.name} (${store.url})`, ''];
  if (what === 'test') lines.push(TEST, '');
  for (const { heading, incidents } of sections) {
    for (const incident of incidents) {
      lines.push(`${heading}: ${kindRule(incident.kind).title}`);
      lines.push(...factsOf(incident, store.zone).map((fact) => `  ${fact}`), '');
    }
  }
  lines.push(footer(store.zone));
  return lines.join('\n');
}

function factsOf(incident: ToldIncident, zone: string): string[] {
  const orders = ordersText(incident);
  const { advice } = kindRule(incident.kind);
  const ended = incident.healedAt;
  return [
    incident.summary,
    ...(orders === '' ? [] : [orders]),
    ...(incident.verified ? [] : ['Not verified: the store could not be asked.']),
    ...(ended === null ? [advice] : []),
    `Incident ${incident.id}, open since ${localTime(incident.openedAt, zone)}` +
      (ended === null ? '' : `, over since ${localTime(ended, zone)}`),
  ];
}

const COLORS: Readonly<Record<Section['as'], string>> = {
  opened: '#b3261e',
  repeated: '#b25e00',
  open: '#b25e00',
  resolved: '#1b6e3c',
  over: '#1b6e3c',
};

const FONT = "font-family:-apple-system,'Segoe UI',Helvetica,Arial,sans-serif";

/** Tables and inline styles: what readers of mail show alike. */
function htmlOf({ store, what }: Message, subject: string, sections: readonly Section[]): string {
  const blocks = sections.flatMap((section) =>
    section.incidents.map((incident) => block(section, incident, store.zone)),
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${escapeHtml(subject)}</title></head>
<body style="margin:0;background:#f3f4f6;${FONT};color:#1f2328">
<table role="presentation" width="100%" cellspacing="0" cellpadding="0"><tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellspacing="0" cellpadding="0" style="max-width:600px;background:#ffffff;border:1px solid #d8dbe0;border-radius:6px">
<tr><td style="padding:20px 24px 4px"><div style="font-size:18px;font-weight:600">${escapeHtml(store.name)}</div>
<div style="font-size:13px;color:#5b626b">${escapeHtml(store.url)}</div></td></tr>
${what === 'test' ? `<tr><td style="padding:12px 24px;font-size:15px">${TEST}</td></tr>` : blocks.join('\n')}
<tr><td style="padding:12px 24px 20px;font-size:12px;color:#5b626b">${escapeHtml(footer(store.zone))}</td></tr>
</table></td></tr></table></body></html>
`;
}

function block({ heading, as }: Section, incident: ToldIncident, zone: string): string {
  const [first, ...rest] = factsOf(incident, zone);
  const color = COLORS[as];
  return `<tr><td style="padding:12px 24px"><div style="border-left:4px solid ${color};padding-left:12px">
<div style="font-size:12px;font-weight:600;color:${color}">${heading}</div>
<div style="font-size:16px;font-weight:600;padding:2px 0 6px">${escapeHtml(kindRule(incident.kind).title)}</div>
<div style="font-size:14px;line-height:20px">${escapeHtml(first ?? '')}</div>
${rest.map((fact) => `<div style="font-size:13px;line-height:19px;color:#424a53;padding-top:4px">${escapeHtml(fact)}</div>`).join('\n')}
</div></td></tr>`;
}

function footer(zone: string): string {
  return `Times are in ${zone}. Incidents are repeated while they last; each can be muted.`;
}

export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
