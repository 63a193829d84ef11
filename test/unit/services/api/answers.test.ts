import { ATTEMPT_STATES, problemAnswer } from '@quittance/sdk/answers';
import { describe, expect, it } from 'vitest';
import { attemptMachine } from '../../../../domain/actions/machine.js';
import { statesOf } from '../../../../domain/machine.js';
import { problemSchema } from '../../../../services/shared/problem.js';

describe("the client's schemas of the answers", () => {
  it('have exactly the states of the attempt machine', () => {
    expect(ATTEMPT_STATES).toEqual(statesOf(attemptMachine));
  });

  it('have exactly the fields of a problem', () => {
    expect(Object.keys(problemAnswer.shape)).toEqual(Object.keys(problemSchema.shape));
  });
});
