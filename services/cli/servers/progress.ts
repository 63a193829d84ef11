type Report = (line: string) => void;

/** Seconds after which a line is due: soon at first, then seldom. */
const MOMENTS = [1, 15, 30, 60];
const LATER = 60;

/** Runs the work; when it takes longer than a second, says so, and goes on saying so calmly. */
export async function withProgress<T>(
  report: Report,
  doing: string,
  work: () => Promise<T>,
): Promise<T> {
  const began = Date.now();
  const seconds = (): number => Math.round((Date.now() - began) / 1000);
  let told = 0;
  const nextMoment = (): number => MOMENTS[told] ?? LATER * (told - MOMENTS.length + 2);
  const tell = (): void => {
    report(told === 0 ? `${doing} …` : `${doing} … ${seconds()} s`);
    told += 1;
    timer = later();
  };
  const later = (): NodeJS.Timeout => setTimeout(tell, began + nextMoment() * 1000 - Date.now());
  let timer = later();
  try {
    const result = await work();
    if (told > 0) report(`${doing}: done in ${seconds()} s`);
    return result;
  } finally {
    clearTimeout(timer);
  }
}
