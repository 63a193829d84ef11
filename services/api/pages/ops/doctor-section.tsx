import type { JSX } from 'preact';
import type { DoctorReport } from '../../../../engine/operator/doctor-reports.js';
import { Empty, Notice } from '../layout.js';
import { counted } from '../parts/money.js';
import { Ago } from '../parts/time.js';

export function DoctorSection({
  report,
}: {
  readonly report: DoctorReport | undefined;
}): JSX.Element {
  if (report === undefined) {
    return (
      <Empty>
        The doctor has not looked yet: <code>quittance doctor</code>
      </Empty>
    );
  }
  const bad = report.findings.filter(({ verdict }) => verdict !== 'ok' && verdict !== 'skipped');
  return (
    <>
      <Notice kind={report.passed ? 'good' : 'bad'}>
        {counted(report.findings.length, 'check')} <Ago at={report.at} />:{' '}
        {report.passed ? 'nothing is broken.' : `${bad.length} did not pass.`}
      </Notice>
      {bad.length > 0 && (
        <ul>
          {bad.map(({ check, verdict, count, ids, note }) => (
            <li key={check}>
              <b>{verdict}</b>: {check}
              {count > 0 && ` (${count}: ${ids.join(', ')})`} {note}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
