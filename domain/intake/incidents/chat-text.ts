import { kindRule } from './kinds.js';
import { headlineOf, localTime, type Message, ordersText, sectionsOf } from './message.js';

/** Slack cuts a text at 40,000 characters. */
const MAX_TEXT = 30_000;

/**
 * A message in Slack's format. It is made of our own words, ids and times only: neither summaries, which may quote the outside, nor
 * the name that a person gave the store are in it.
 */
export function chatText(message: Message): string {
  const { zone } = message.store;
  const lines = [`*${escapeChat(headlineOf(message, (kind) => kindRule(kind).title))}*`];
  for (const { heading, incidents, as } of sectionsOf(message)) {
    for (const incident of incidents) {
      const { title, advice } = kindRule(incident.kind);
      const since = as === 'resolved' || as === 'over' ? incident.healedAt : incident.openedAt;
      const about = [
        `${heading}: ${title}`,
        ...(incident.verified ? [] : ['not verified: the store could not be asked']),
        ...(since === null ? [] : [`since ${localTime(since, zone)} (${zone})`]),
        `incident ${incident.id}`,
      ];
      lines.push(`• ${escapeChat(about.join(' · '))}`);
      const orders = ordersText(incident);
      if (orders !== '') lines.push(`   ${escapeChat(orders)}`);
      if (as === 'opened') lines.push(`   ${escapeChat(advice)}`);
    }
  }
  if (message.what === 'test') lines.push('This channel receives notices.');
  const text = lines.join('\n');
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}

/** Slack reads `&`, `<` and `>` as markup: mentions and links are written with them. */
export function escapeChat(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
