// A zap counts at once, for its author only; then it is pending, then paid or failed with a way to try again.
// @ts-check
import { readAgain, say } from './live.js';

/** @param {HTMLElement} row @param {string} text @param {string | undefined} [href] @param {string} [label] */
function result(row, text, href, label) {
  const shown = row.querySelector('[data-result]');
  if (shown === null) return;
  shown.textContent = text;
  if (href === undefined) return;
  const link = document.createElement('a');
  link.href = href;
  link.textContent = label ?? '';
  shown.append(' ', link);
}

/** @param {HTMLElement} row @param {bigint} msat */
function addOwn(row, msat) {
  const own = row.querySelector('[data-own]');
  if (!(own instanceof HTMLElement)) return;
  const sum = BigInt(own.dataset.own ?? '0') + msat;
  own.dataset.own = String(sum);
  own.textContent = sum > 0n ? `${sum / 1000n} sats by you` : '';
}

/** @param {HTMLFormElement} form @param {HTMLElement} row */
async function zap(form, row) {
  const fields = new URLSearchParams();
  for (const [name, value] of new FormData(form)) fields.append(name, String(value));
  fields.append('live', '1');
  const msat = BigInt(fields.get('sats') ?? '0') * 1000n;
  addOwn(row, msat);
  result(row, 'pending …');
  try {
    const answer = await fetch(form.action, { method: 'POST', body: fields });
    const { state, next, message } = await answer.json();
    renewKey(form);
    if (!answer.ok) {
      addOwn(row, -msat);
      result(row, message);
      say(message);
    } else if (state === 'PAID') {
      result(row, 'paid');
      say('Zap paid');
      void readAgain();
    } else {
      result(row, 'pending:', next, 'pay');
      say('Zap pending: pay its invoice');
    }
  } catch {
    addOwn(row, -msat);
    result(row, 'not sent: no answer came. Zap again to retry: it counts once.');
  } finally {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll('button')) button.removeAttribute('aria-disabled');
  }
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || form.dataset.zap === undefined) return;
  const row = form.closest('.zap');
  if (!(row instanceof HTMLElement)) return;
  event.preventDefault();
  if (form.dataset.sent !== undefined) return;
  form.dataset.sent = '';
  void zap(form, row);
});

/** Another zap is another action. One whose answer was lost is sent again by the same key. @param {HTMLFormElement} form */
function renewKey(form) {
  const key = form.elements.namedItem('key');
  if (!(key instanceof HTMLInputElement)) return;
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  key.value = hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
