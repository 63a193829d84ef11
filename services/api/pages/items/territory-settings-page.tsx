import type { JSX } from 'preact';
import type { Refusal } from '../../../../domain/refusal.js';
import type { TerritoryView } from '../../../../engine/territories/read-territories.js';
import { FieldInput } from '../forms/field-input.js';
import type { Form } from '../http/form.js';
import { TERRITORY_FIELDS } from '../forms/territory-fields.js';
import { Notice, Page, PostForm } from '../layout.js';
import { Refused } from '../parts/refused.js';
import { to, type View } from '../view.js';

export interface TerritorySettingsProps {
  readonly view: View;
  readonly territory: TerritoryView;
  /** As it is, or as it was typed. */
  readonly typed: Form;
  readonly refusal?: Refusal;
}

/** What its owner changes for nothing. */
export function TerritorySettingsPage(props: TerritorySettingsProps): JSX.Element {
  const { view, territory, typed, refusal } = props;
  const path = `/~${territory.name}`;
  return (
    <Page view={view} title={`Settings of ~${territory.name}`}>
      <div class="narrow">
        <p>
          These changes cost nothing. <a href={to(view, path)}>Back to ~{territory.name}</a>
        </p>
        <Refused refusal={refusal} />
        {refusal?.code === 'territory.changed' && (
          <Notice>
            <a href={to(view, `${path}/settings`)}>See how it is now</a>
          </Notice>
        )}
        <PostForm view={view} path={`${path}/settings`}>
          <input type="hidden" name="version" value={typed.text('version')} />
          {TERRITORY_FIELDS.map((field) => (
            <FieldInput key={field.name} field={field} typed={typed} />
          ))}
          <p class="actions">
            <button class="primary">Save</button>
          </p>
        </PostForm>
        <PostForm view={view} path={`${path}/transfer`} class="card">
          <h2>Give it away</h2>
          <label for="to">
            To <span class="hint">Name of an account. It is theirs at once, and not yours.</span>
          </label>
          <input id="to" name="to" required maxLength={33} />
          <p class="actions">
            <button>Give ~{territory.name} away</button>
          </p>
        </PostForm>
      </div>
    </Page>
  );
}
