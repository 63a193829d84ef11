import { live } from '../live-progress.js';

type Report = (line: string) => void;

/** Seconds after which a line is reported; then every minute. */
const REPORT_AT = [1, 15, 30, 60];
const THEN_EVERY = 60;

/** Runs the work and reports progress when it takes longer than a second; on a terminal a bar shows it meanwhile. */
export async function withProgress<T>(
  report: Report,
  doing: string,
  work: () => Promise<T>,
): Promise<T> {
  const began = Date.now();
  const seconds = (): number => Math.round((Date.now() - began) / 1000);
  let reports = 0;
  const nextAt = (): number => REPORT_AT[reports] ?? THEN_EVERY * (reports - REPORT_AT.length + 2);
  const reportProgress = (): void => {
    if (!live.isShown) report(reports === 0 ? `${doing} …` : `${doing} … ${seconds()} s`);
    reports += 1;
    timer = schedule();
  };
  const schedule = (): NodeJS.Timeout =>
    setTimeout(reportProgress, began + nextAt() * 1000 - Date.now());
  let timer = schedule();
  const end = live.begin(doing);
  try {
    const result = await work();
    end();
    if (reports > 0) report(`${doing}: done in ${seconds()} s`);
    return result;
  } finally {
    end();
    clearTimeout(timer);
  }
}
