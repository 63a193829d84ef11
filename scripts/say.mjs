/** @param {string} line */
export function say(line) {
  process.stdout.write(`${line}\n`);
}

/** Seconds after which a line is printed; then every minute. */
const REPORT_AT = [1, 15, 30, 60];

/** Runs the work and prints progress when it takes longer than a second. */
export async function withProgress(doing, work) {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  let reports = 0;
  let timer;
  const schedule = () => {
    const at = REPORT_AT[reports] ?? 60 * (reports - REPORT_AT.length + 2);
    timer = setTimeout(report, began + at * 1000 - Date.now());
  };
  const report = () => {
    say(reports === 0 ? `${doing} …` : `${doing} … ${seconds()} s`);
    reports += 1;
    schedule();
  };
  schedule();
  try {
    const result = await work();
    if (reports > 0) say(`${doing}: done in ${seconds()} s`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}
