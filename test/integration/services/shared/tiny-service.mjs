/** A service with one piece of work, which begins and ends on commands of the test. */
import { runService } from '../../../../dist/services/shared/process.js';

const commands = {};
process.on('message', (command) => commands[command]?.());
const told = (command) => new Promise((resolve) => (commands[command] = resolve));

runService('tiny', async ({ logger, onStop, addCheck }) => {
  let work = Promise.resolve();
  onStop('pool', () => logger.info('pool closed'));
  onStop('work', () => work);
  if (process.env.TINY_STOP === 'hangs') onStop('stuck', () => told('never'));
  onStop('intake', () => logger.info('intake closed'));
  const finished = told('finish work');
  commands['begin work'] = () => {
    work = finished.then(() => logger.info('work finished'));
    logger.info('work begun');
  };
  commands['throw'] = () => {
    throw new Error('nobody expects this');
  };
  commands['reject'] = () => void Promise.reject(new Error('nobody expects this'));
  if (process.env.TINY_CHECK === 'fails') {
    addCheck('body', async () => undefined);
    addCheck('soul', () => {
      logger.info('asked');
      return Promise.reject(new Error('out of sorts'));
    });
  }
  for (const warning of (process.env.TINY_WARNINGS ?? '').split(',').filter(Boolean)) {
    logger.warn({ err: new Error('no answer') }, warning);
  }
  if (process.env.TINY_SETUP === 'fails') throw new Error('no luck');
  if (process.env.TINY_SETUP === 'hangs') await told('finish setup');
  logger.info('set up');
});
