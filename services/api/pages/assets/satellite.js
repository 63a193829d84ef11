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
  for (const button of part.querySelectorAll('[data-own-post]')) {
    if (button instanceof HTMLButtonElement) {
      button.onclick = () => post(button, headers).then(() => showOwn(part));
    }
  }
}

/** @param {HTMLButtonElement} button @param {Record<string, string>} headers */
async function post(button, headers) {
  button.disabled = true;
  const answer = await fetch(button.dataset.ownPost ?? '', { method: 'POST', headers }).catch(
    () => undefined,
  );
  say(answer?.ok === true ? 'Done' : 'It could not be done');
  void readAgain();
}

const opened = document.querySelector('[data-keep-order]');
if (opened instanceof HTMLElement) {
  keep(opened.dataset.keepOrder ?? '', opened.dataset.keepToken ?? '');
}
showKept();
const own = document.getElementById('own');
if (own !== null) {
  void showOwn(own);
  document.addEventListener('part', () => void showOwn(own));
}
