// Orders that were opened here are kept on this device. Their tokens are in fragments, which no server is sent.
// @ts-check
import { readAgain, say } from './live.js';

const KEY = 'quittance-orders';
const KEPT = 100;

/** @returns {Record<string, string>} */
function kept() {
  try {
    return JSON.parse(localStorage.getItem(KEY) ?? '{}');
  } catch {
    return {};
  }
}

/** @param {string} id @param {string} token */
function keep(id, token) {
  const orders = Object.entries({ ...kept(), [id]: token }).slice(-KEPT);
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
  for (const [id, token] of orders) {
    const link = document.createElement('a');
    link.href = `${list.dataset.ownOrders}${id}#${token}`;
    link.textContent = id;
    link.className = 'mono';
    const item = document.createElement('li');
    item.append(link);
    list.append(item);
  }
  section.hidden = false;
}

/** @param {HTMLElement} part */
async function showOwn(part) {
  const { order = '', ownPart = '' } = part.dataset;
  const token = location.hash.slice(1) || kept()[order];
  if (!token) return;
  const headers = { 'quittance-capability': token };
  const answer = await fetch(ownPart, { headers }).catch(() => undefined);
  if (answer === undefined || !answer.ok) return;
  keep(order, token);
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
    tell(form, 'Not sent: you are offline. Try again.');
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
  keep(opened.dataset.keepOrder ?? '', opened.dataset.keepToken ?? '');
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
