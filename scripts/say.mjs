/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Seconds after which a line is due: soon at first, then seldom. */
const MOMENTS = [1, 15, 30, 60];

/** Says what takes longer than a second, while it does and when it is done. */
export async function withProgress(doing, work) {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  let told = 0;
  let timer;
  const later = () => {
    const moment = MOMENTS[told] ?? 60 * (told - MOMENTS.length + 2);
    timer = setTimeout(tell, began + moment * 1000 - Date.now());
  };
  const tell = () => {
    say(told === 0 ? `${doing} …` : `${doing} … ${seconds()} s`);
    told += 1;
    later();
  };
  later();
  try {
    const result = await work();
    if (told > 0) say(`${doing}: done in ${seconds()} s`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}
