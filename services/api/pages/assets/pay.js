// A wallet in the browser, and the clipboard. What they answer is not believed: the server says when it is paid.
// @ts-check
import { say } from './live.js';

/** @param {Element} part */
function offer(part) {
  for (const button of part.querySelectorAll('[data-copy]')) {
    if (button instanceof HTMLButtonElement && navigator.clipboard !== undefined) {
      button.hidden = false;
      button.onclick = () => copy(button);
    }
  }
  for (const button of part.querySelectorAll('[data-webln]')) {
    if (button instanceof HTMLButtonElement && 'webln' in window) {
      button.hidden = false;
      button.onclick = () => pay(button);
    }
  }
}

/** @param {HTMLButtonElement} button */
async function copy(button) {
  await navigator.clipboard.writeText(button.dataset.copy ?? '');
  button.textContent = 'Copied';
  say('The invoice was copied');
}

/** @param {HTMLButtonElement} button */
async function pay(button) {
  const { webln } = /** @type {{ webln?: any }} */ (/** @type {unknown} */ (window));
  button.disabled = true;
  button.textContent = 'Asking the wallet …';
  try {
    await webln.enable();
    await webln.sendPayment(button.dataset.webln);
    button.textContent = 'Sent, waiting for it to arrive';
  } catch {
    button.disabled = false;
    button.textContent = 'Not sent: try again';
  }
}

document.addEventListener('part', (event) => {
  if (event.target instanceof Element || event.target instanceof Document) {
    offer(event.target instanceof Document ? document.body : event.target);
  }
});
offer(document.body);
