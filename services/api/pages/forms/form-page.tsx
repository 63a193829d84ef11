import type { JSX } from 'preact';
import type { Refusal } from '../../../../domain/refusal.js';
import type { Form } from '../http/form.js';
import { Notice, Page, PostForm } from '../layout.js';
import { counted, grouped, sats } from '../parts/money.js';
import { Refused, sentence } from '../parts/refused.js';
import { to, type View } from '../view.js';
import { type ActionForm, CHOICES, FORMS } from './catalog.js';
import { FieldInput } from './field-input.js';

export function ChoicePage({ view }: { readonly view: View }): JSX.Element {
  return (
    <Page view={view} title="What would you like to do?">
      {CHOICES.map(([heading, names, about]) => (
        <section key={heading}>
          <h2>{heading}</h2>
          <p class="small">{about}</p>
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
        <NotTaken refusal={refusal} form={form} />
        <PostForm view={view} path={`/submit/${name}`}>
          {form.fields.map((field) => (
            <FieldInput
              key={field.name}
              field={field}
              typed={typed}
              error={errorOf(refusal, field.name)}
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

function errorOf(refusal: Refusal | undefined, name: string): string | undefined {
  const found = refusal?.errors.find(({ path }) => path.startsWith(`args.${name}`));
  return found && plainMessage(found.message);
}

/** What a schema says, for whoever has filled in a form. */
export function plainMessage(message: string): string {
  const [, sign, bound, unit] = /(>=|<=)(\d+)(?: (character|item)s)?$/.exec(message) ?? [];
  if (bound !== undefined) {
    const amount = unit === undefined ? grouped(BigInt(bound)) : counted(BigInt(bound), unit);
    return `At ${sign === '>=' ? 'least' : 'most'} ${amount}.`;
  }
  if (/received (NaN|undefined)$/.test(message)) return 'This is missing, or not as it should be.';
  return sentence(message);
}

interface NotTakenProps {
  readonly refusal: Refusal | undefined;
  readonly form: ActionForm;
}

function NotTaken({ refusal, form }: NotTakenProps): JSX.Element {
  const wrong = form.fields.filter(
    ({ name, kind }) => kind !== 'hidden' && errorOf(refusal, name) !== undefined,
  );
  if (wrong.length > 0) {
    return (
      <Notice kind="bad">
        Not taken yet: look at {wrong.map(({ label }) => `“${label}”`).join(' and ')}.
      </Notice>
    );
  }
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
