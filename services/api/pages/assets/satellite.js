// Orders that were opened here are kept on this device. Their tokens are in fragments, which no server is sent.
// @ts-check
import { readAgain, say } from './live.js';

const KEY = 'quittance-orders';
const KEPT = 100;

/** Tokens by the order's id; with how the message begins and when it was opened, where it was opened on this device. */
/** @typedef {{ token: string, text?: string, at?: string }} Kept */

/** @returns {Record<string, Kept>} */
function kept() {
  try {
    const orders = Object.entries(JSON.parse(localStorage.getItem(KEY) ?? '{}'));
    // Earlier pages kept the token alone.
    return Object.fromEntries(
      orders.map(([id, one]) => [id, typeof one === 'string' ? { token: one } : one]),
    );
  } catch {
    return {};
  }
}

/** @param {string} id @param {Kept} order */
function keep(id, order) {
  const before = kept();
  const orders = Object.entries({ ...before, [id]: { ...before[id], ...order } }).slice(-KEPT);
  try {
    localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(orders)));
  } catch {
    // A browser that keeps nothing: the link is all there is.
  }
}

function showKept() {
  const list = document.querySelector('[data-own-orders]');
  const section = document.getElementById('own-orders');
  const orders = Object.entries(kept()).reverse();
  if (!(list instanceof HTMLElement) || section === null || orders.length === 0) return;
  for (const [id, { token, text, at }] of orders) {
    const link = document.createElement('a');
    link.href = `${list.dataset.ownOrders}${id}#${token}`;
    link.textContent = text ? text : `Order ${id.slice(0, 8)}`;
    const item = document.createElement('li');
    item.append(link);
    if (at !== undefined) item.append(` · opened ${at.slice(0, 16).replace('T', ' ')} UTC`);
    list.append(item);
  }
  section.hidden = false;
}

/** Says why what is the owner's alone is not there; what was read before stays. @param {HTMLElement} part @param {number | undefined} status */
function missing(part, status) {
  if (part.childElementCount > 0 && part.querySelector('[data-missing]') === null) return;
  const shown = document.createElement('p');
  shown.className = 'notice warn';
  shown.dataset.missing = '';
  shown.textContent =
    status === 401 || status === 403
      ? 'The token in this link does not fit this order: it cannot be changed from here.'
      : 'What only its owner sees could not be read. It is read again with the page.';
  part.replaceChildren(shown);
}

/** @param {HTMLElement} part */
async function showOwn(part) {
  const { order = '', ownPart = '' } = part.dataset;
  const token = location.hash.slice(1) || kept()[order]?.token;
  if (!token) return;
  const headers = { 'quittance-capability': token };
  if (part.childElementCount === 0) part.textContent = 'Reading what is yours …';
  const answer = await fetch(ownPart, { headers }).catch(() => undefined);
  // Without the token one is led to signing in, which is no part of this page.
  if (answer === undefined || !answer.ok || answer.redirected) {
    missing(part, answer?.redirected === true ? 401 : answer?.status);
    return;
  }
  keep(order, { token });
  const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
  part.replaceChildren(...page.body.childNodes);
  for (const form of part.querySelectorAll('[data-own-form]')) {
    if (form instanceof HTMLFormElement) {
      form.onsubmit = (event) => {
        event.preventDefault();
        void send(form, event.submitter, headers, part);
      };
    }
  }
}

/**
 * Sends a form of the owner's with the token.
 * @param {HTMLFormElement} form @param {HTMLElement | null} submitter @param {Record<string, string>} headers @param {HTMLElement} part
 */
async function send(form, submitter, headers, part) {
  const buttons = form.querySelectorAll('button');
  for (const button of buttons) button.disabled = true;
  const body = new URLSearchParams();
  for (const [name, value] of new FormData(form)) body.append(name, String(value));
  if (submitter instanceof HTMLButtonElement) body.append(submitter.name, submitter.value);
  try {
    const answer = await fetch(form.action, { method: 'POST', headers, body });
    const { next, message } = await answer.json();
    if (next !== undefined) {
      location.assign(next);
      return;
    }
    if (answer.ok) {
      say('Done');
      await showOwn(part);
      void readAgain();
      return;
    }
    tell(form, message ?? 'It could not be done');
  } catch {
    tell(form, 'No answer came. Try again: it is done once.');
  }
  for (const button of buttons) button.disabled = false;
}

/** @param {HTMLFormElement} form @param {string} text */
function tell(form, text) {
  const shown = form.querySelector('[data-told]') ?? document.createElement('p');
  shown.setAttribute('data-told', '');
  shown.className = 'notice bad';
  shown.textContent = text;
  form.append(shown);
  say(text);
}

const opened = document.querySelector('[data-keep-order]');
if (opened instanceof HTMLElement) {
  const { keepOrder = '', keepToken = '', keepText = '', keepAt } = opened.dataset;
  keep(keepOrder, { token: keepToken, text: keepText, at: keepAt });
}
showKept();
const own = document.getElementById('own');
if (own !== null) {
  void showOwn(own);
  // Nothing is taken from under somebody who types there.
  document.addEventListener('part', () => {
    if (!own.contains(document.activeElement)) void showOwn(own);
  });
}
