import { satsToMsat } from '../../../domain/money.js';
import { Actors } from '../actors.js';
import type { Part } from '../part.js';
import type { FigureSpec } from '../report/figure.js';
import { terminateWorkflows } from './idle-wait.js';
import { FLOWS, WALLET } from './flows.js';
import { medianHistory } from './histories.js';
import { sustain } from './sustain.js';

/** More zaps than can be opened in a second. */
const PER_SECOND = 400;

/** Each flow as fast as Temporal allows, and what it costs Temporal. */
export const sustained: Part = {
  name: 'sustained',
  figures: FLOWS.flatMap(({ name, tasks, atLeast }): FigureSpec[] => [
    {
      id: `sustained.${name}`,
      title: `${name}: workflows finished, sustained`,
      unit: 'per second',
      floor: 'floor.workflow',
      ...(atLeast === undefined ? {} : { aim: { of: 'ratio', is: 'at least', bound: atLeast } }),
    },
    { id: `history.${name}.events`, title: `${name}: history length`, unit: 'events' },
    {
      id: `history.${name}.tasks`,
      title: `${name}: workflow tasks`,
      unit: 'tasks',
      aim: { of: 'value', is: 'at most', bound: tasks },
    },
  ]),
  async prepare(bench) {
    const { apiUrl, operatorToken } = bench.parts;
    const actors = await Actors.create(apiUrl, operatorToken);
    await bench.wallets.open(WALLET, satsToMsat(1_000_000_000n));
    const { seconds } = bench.options.sizes;
    return {
      round: async () => {
        const values: Record<string, number> = {};
        for (const flow of FLOWS) {
          await actors.prepare(PER_SECOND * seconds, flow.rich);
          const { perSecond, opened } = await sustain(bench, actors, flow, seconds);
          const history = await medianHistory(bench, opened);
          values[`sustained.${flow.name}`] = perSecond;
          values[`history.${flow.name}.events`] = history.events;
          values[`history.${flow.name}.tasks`] = history.tasks;
          await terminateWorkflows(bench);
        }
        return values;
      },
    };
  },
};
