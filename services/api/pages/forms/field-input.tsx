import type { JSX } from 'preact';
import type { Form } from '../http/form.js';
import type { Field } from './fields.js';

interface Props {
  readonly field: Field;
  readonly typed: Form;
  readonly error?: string | undefined;
}

/** A field with its label, its hint and what is wrong with it. */
export function FieldInput({ field, typed, error }: Props): JSX.Element {
  const { name, label, kind, hint } = field;
  const value = typed.has(name) ? typed.longText(name) : (field.initial ?? '');
  if (kind === 'hidden') return <input type="hidden" name={name} value={value} />;
  if (kind === 'check') {
    return (
      <label class="check">
        <input type="checkbox" name={name} checked={typed.has(name)} />
        <span>
          {label} {hint !== undefined && <span class="hint">{hint}</span>}
        </span>
      </label>
    );
  }
  if (kind === 'choices') return <Choices field={field} typed={typed} />;
  return (
    <>
      <label for={name}>
        {label} {hint !== undefined && <span class="hint">{hint}</span>}
      </label>
      <Input field={field} value={value} wrong={error !== undefined} />
      {error !== undefined && (
        <p class="wrong" id={`${name}-error`}>
          {error}
        </p>
      )}
    </>
  );
}

/** All of them are chosen until somebody has chosen. */
function Choices({ field, typed }: { readonly field: Field; readonly typed: Form }): JSX.Element {
  const { name, label, options = [] } = field;
  const chosen = typed.has(name) ? typed.all(name) : options.map(([one]) => one);
  return (
    <fieldset>
      <legend>{label}</legend>
      {options.map(([one, text]) => (
        <label class="check" key={one}>
          <input type="checkbox" name={name} value={one} checked={chosen.includes(one)} />
          {text}
        </label>
      ))}
    </fieldset>
  );
}

function Input({
  field,
  value,
  wrong,
}: {
  field: Field;
  value: string;
  wrong: boolean;
}): JSX.Element {
  const { name, kind, required, maxLength, options = [] } = field;
  const common = {
    ...{ id: name, name, required },
    ...(wrong ? { 'aria-invalid': true, 'aria-describedby': `${name}-error` } : {}),
  };
  if (kind === 'text' || kind === 'lines') {
    return (
      <textarea {...common} maxLength={maxLength} class={kind === 'lines' ? 'low' : undefined}>
        {value}
      </textarea>
    );
  }
  if (kind === 'choice') {
    return (
      <select {...common}>
        {options.map(([one, text]) => (
          <option key={one} value={one} selected={one === value}>
            {text}
          </option>
        ))}
      </select>
    );
  }
  if (kind === 'sats' || kind === 'version') {
    return <input {...common} type="number" min={0} inputMode="numeric" value={value} />;
  }
  if (kind === 'time') return <input {...common} type="datetime-local" value={value} />;
  if (kind === 'address') {
    return <input {...common} type="url" maxLength={maxLength} value={value} />;
  }
  return <input {...common} type="text" maxLength={maxLength} value={value} />;
}
