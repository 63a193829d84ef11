import type { JSX } from 'preact';
import type { Refusal } from '../../../../domain/refusal.js';
import type { Form } from '../http/form.js';
import { Notice, Page, PostForm } from '../layout.js';
import { sats } from '../parts/money.js';
import { Refused } from '../parts/refused.js';
import { to, type View } from '../view.js';
import { type ActionForm, CHOICES, FORMS } from './catalog.js';
import { FieldInput } from './field-input.js';

export function ChoicePage({ view }: { readonly view: View }): JSX.Element {
  return (
    <Page view={view} title="What would you like to do?">
      {CHOICES.map(([heading, names]) => (
        <section key={heading}>
          <h2>{heading}</h2>
          <ul>
            {names.map((name) => (
              <li key={name}>
                <a href={to(view, `/submit/${name}`)}>{FORMS[name]?.title}</a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Page>
  );
}

/** What it costs, and what pays it. */
export interface Cost {
  readonly msat: bigint;
  /** The viewer's balance; null without an account. */
  readonly balanceMsat: bigint | null;
}

export interface FormPageProps {
  readonly view: View;
  readonly name: string;
  readonly form: ActionForm;
  /** What was typed. */
  readonly typed: Form;
  readonly cost?: Cost;
  readonly refusal?: Refusal;
}

export function FormPage({ view, name, form, typed, cost, refusal }: FormPageProps): JSX.Element {
  return (
    <Page view={view} title={form.title}>
      <div class="narrow">
        {form.intro !== undefined && <p>{form.intro}</p>}
        <NotTaken refusal={refusal} />
        <PostForm view={view} path={`/submit/${name}`}>
          {form.fields.map((field) => (
            <FieldInput
              key={field.name}
              field={field}
              typed={typed}
              error={
                refusal?.errors.find(({ path }) => path.startsWith(`args.${field.name}`))?.message
              }
            />
          ))}
          {cost !== undefined && <CostNotice cost={cost} />}
          <p class="actions row">
            {cost !== undefined && (
              <button class="primary" name="step" value="open">
                {cost.msat === 0n ? 'Do it' : `Pay ${sats(cost.msat)}`}
              </button>
            )}
            <button class={cost === undefined ? 'primary' : ''} name="step" value="quote">
              {cost === undefined ? 'See the cost' : 'See the cost again'}
            </button>
          </p>
        </PostForm>
      </div>
    </Page>
  );
}

function NotTaken({ refusal }: { readonly refusal: Refusal | undefined }): JSX.Element {
  if (refusal?.code !== 'start.cost_above') return <Refused refusal={refusal} />;
  return <Notice kind="bad">The price has changed since you saw it.</Notice>;
}

function CostNotice({ cost: { msat, balanceMsat } }: { readonly cost: Cost }): JSX.Element {
  return (
    <Notice>
      <input type="hidden" name="maxCostMsat" value={msat.toString()} />
      <p class="big">{msat === 0n ? 'This is free for you.' : `This costs ${sats(msat)}.`}</p>
      <p>{howPaid(msat, balanceMsat)}</p>
    </Notice>
  );
}

function howPaid(msat: bigint, balanceMsat: bigint | null): string {
  if (msat === 0n) return 'It is done at once.';
  if (balanceMsat === null) return 'You get a Lightning invoice next.';
  if (balanceMsat >= msat) return `Your balance of ${sats(balanceMsat)} covers it.`;
  return `You get a Lightning invoice next: your balance of ${sats(balanceMsat)} does not cover it.`;
}
