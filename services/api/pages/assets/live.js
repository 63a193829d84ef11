// The server renders every state. This reads the page again when it may have changed, and puts the new parts in place.
// @ts-check

const announce = document.getElementById('announce');
const offline = document.getElementById('offline');
const away = document.getElementById('away');
/** @type {EventSource | undefined} */
let events;
let reading = false;
let again = false;
const AGAIN_MS = 30_000;

/** Reads this page, and replaces each [data-live] part that differs. Nobody types into such a part. */
export async function readAgain() {
  if (reading) {
    again = true;
    return;
  }
  reading = true;
  try {
    const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
    // The session has ended: another page is what the viewer may see.
    if (answer.redirected) location.reload();
    else if (answer.ok) show(new DOMParser().parseFromString(await answer.text(), 'text/html'));
    // An answer may have been on its way while the line was cut.
    setTrouble(answer.status >= 500);
  } catch {
    setTrouble(true);
  } finally {
    reading = false;
    if (again) {
      again = false;
      void readAgain();
    }
  }
}

/** @param {Document} page */
function show(page) {
  let said = '';
  for (const now of document.querySelectorAll('[data-live]')) {
    const then = page.getElementById(now.id);
    if (then === null || sameState(now, then)) continue;
    if (then.dataset.say !== undefined && then.dataset.say !== attr(now, 'say')) {
      said = then.dataset.say;
    }
    const focused = now.contains(document.activeElement);
    now.replaceWith(document.adoptNode(then));
    if (focused) document.getElementById('main')?.focus();
    start(then);
  }
  document.title = page.title;
  for (const name of ['events', 'shows']) {
    const value = page.body.dataset[name];
    if (value === undefined) delete document.body.dataset[name];
    else document.body.dataset[name] = value;
  }
  listen();
  if (said !== '') say(said);
}

/**
 * A part with a state of its own is replaced when that changes; any other when its text does.
 * @param {Element} now @param {HTMLElement} then
 */
function sameState(now, then) {
  const state = attr(now, 'state');
  if (state === undefined) return now.innerHTML === then.innerHTML;
  if (state !== then.dataset.state) return false;
  syncSeconds(now, then);
  return true;
}

/** Seconds left are taken over from the server's clock without replacing anything. @param {Element} now @param {Element} then */
function syncSeconds(now, then) {
  const [shown, read] = [now, then].map((part) => part.querySelector('[data-seconds-left]'));
  if (!(shown instanceof HTMLElement) || !(read instanceof HTMLElement)) return;
  shown.dataset.secondsLeft = read.dataset.secondsLeft;
  countDown(shown);
}

/** @param {Element} element @param {string} name */
function attr(element, name) {
  return element instanceof HTMLElement ? element.dataset[name] : undefined;
}

/** @param {string} text */
export function say(text) {
  if (announce !== null && announce.textContent !== text) announce.textContent = text;
}

/** Says what is wrong with the line, or with the server. @param {boolean} noAnswer */
function setTrouble(noAnswer) {
  if (offline !== null) offline.hidden = navigator.onLine;
  if (away !== null) away.hidden = !noAnswer || !navigator.onLine;
}

/** Listens while the page is seen; the first event after connecting is today's state. */
function listen() {
  const address = document.body.dataset.events;
  const wanted = address !== undefined && document.visibilityState === 'visible';
  if (events !== undefined && (!wanted || events.readyState === EventSource.CLOSED)) {
    events.close();
    events = undefined;
  }
  if (!wanted || address === undefined || events !== undefined) return;
  events = new EventSource(address);
  events.onmessage = ({ data }) => {
    if (data !== document.body.dataset.shows) void readAgain();
  };
  events.onerror = () => {
    // A browser does not connect again by itself where it was refused.
    if (events?.readyState === EventSource.CLOSED) setTimeout(listenAgain, AGAIN_MS);
    // Else it does so, and the first event then ends what is said now.
    else void readAgain();
  };
}

/** What was missed meanwhile is read. */
function listenAgain() {
  if (events?.readyState !== EventSource.CLOSED) return;
  void readAgain();
  listen();
}

/** Counts down from what the server said was left, by a clock that nobody sets. @param {HTMLElement} shown */
function countDown(shown) {
  const until = performance.now() + Number(shown.dataset.secondsLeft) * 1000;
  const timer = Number(shown.dataset.timer);
  if (timer > 0) clearInterval(timer);
  const tick = () => {
    const left = Math.max(0, Math.floor((until - performance.now()) / 1000));
    shown.textContent = `${Math.floor(left / 60)}:${String(left % 60).padStart(2, '0')}`;
    if (left > 0 && shown.isConnected) return;
    clearInterval(Number(shown.dataset.timer));
    if (left === 0 && shown.isConnected) setTimeout(readAgain, 1000);
  };
  shown.dataset.timer = String(setInterval(tick, 1000));
  tick();
}

/** What in a part needs a script. @param {ParentNode} part */
function start(part) {
  for (const shown of part.querySelectorAll('[data-seconds-left]')) {
    if (shown instanceof HTMLElement) countDown(shown);
  }
  part.dispatchEvent(new CustomEvent('part', { bubbles: true }));
}

document.addEventListener('visibilitychange', () => {
  listen();
  if (document.visibilityState === 'visible') void readAgain();
});
addEventListener('online', () => {
  setTrouble(false);
  listen();
  void readAgain();
});
addEventListener('offline', () => setTrouble(true));
addEventListener('pageshow', (event) => {
  if (event.persisted) void readAgain();
});

// A form that was sent is not sent again by a second click; what was sent is told to be on its way.
document.addEventListener('submit', (event) => {
  const form = event.target;
  if (!(form instanceof HTMLFormElement) || event.defaultPrevented) return;
  if (form.method !== 'post' || form.dataset.zap !== undefined) return;
  if (form.dataset.sent !== undefined) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = '';
  for (const button of form.querySelectorAll('button'))
    button.setAttribute('aria-disabled', 'true');
});
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) {
    if (form instanceof HTMLFormElement) delete form.dataset.sent;
    for (const button of form.querySelectorAll('button')) button.removeAttribute('aria-disabled');
  }
});
setTrouble(false);
start(document);
listen();
