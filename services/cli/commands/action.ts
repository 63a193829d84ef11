import { type Command, InvalidArgumentError } from 'commander';
import { CommandError } from '../run-command.js';
import { type Msat, toMsat } from '../../../domain/money.js';

/** The code of each command is loaded only when it runs, so that other commands start faster. */
export function addAction(program: Command): void {
  const action = program
    .command('action')
    .description('look into the payment of an action or an order, and mend it');
  action
    .command('show')
    .description('tell everything about its payment: state, money, times, what the node says')
    .argument('<id>', "an action's or an order's id, or a workflow's", paymentId)
    .option('--json', 'one JSON object')
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const { showCommand } = await import('../action/show.js');
      await showCommand(id, json, say);
    });
  action
    .command('retry')
    .description('open a new attempt of a failed action, paid by a new invoice, which is printed')
    .argument('<id>', "the action's id", paymentId)
    .action(async (id: string) => {
      const { retryCommand } = await import('../action/change.js');
      await retryCommand(id, say);
    });
  action
    .command('cancel')
    .description('cancel the newest attempt of an action')
    .argument('<id>', "the action's id", paymentId)
    .action(async (id: string) => {
      const { cancelCommand } = await import('../action/change.js');
      await cancelCommand(id, say);
    });
  addDecide(action);
}

/** For what the doctor calls a payment that the node has forgotten. */
function addDecide(action: Command): void {
  action
    .command('decide')
    .description('say what became of a payment to the outside that the node has forgotten')
    .argument('<id>', "the action's id", paymentId)
    .option('--failed', 'the payee has not been paid, and can no longer be')
    .option('--preimage <hex>', 'the payee has been paid: the proof', preimage)
    .option('--fee-msat <n>', 'what routing cost, with --preimage; default 0', feeMsat)
    .action(async (id: string, options: DecideOptions) => {
      const { failed = false, preimage: proof, feeMsat: fee } = options;
      if (failed === (proof !== undefined) || (fee !== undefined && failed)) {
        throw new CommandError(
          'either --failed or --preimage',
          'see `quittance action decide --help`',
        );
      }
      const known =
        proof === undefined
          ? {}
          : { preimage: proof, ...(fee === undefined ? {} : { feeMsat: fee }) };
      const { decideCommand } = await import('../action/change.js');
      await decideCommand(id, known, say);
    });
}

interface DecideOptions {
  readonly failed?: boolean;
  readonly preimage?: string;
  readonly feeMsat?: Msat;
}

function preimage(text: string): string {
  const hex = text.trim().toLowerCase();
  if (!/^[0-9a-f]{64}$/.test(hex)) throw new InvalidArgumentError('not 64 hexadecimal digits');
  return hex;
}

function feeMsat(text: string): Msat {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('not an amount in msat');
  return toMsat(BigInt(text));
}

const ID = /^(?:(?:action|order)\/)?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?:\/\d+)?$/i;

/** In any letter case, also as workflow ids and transitions have it. */
function paymentId(text: string): string {
  const [, id] = ID.exec(text.trim()) ?? [];
  if (id === undefined) throw new InvalidArgumentError('not the id of an action or an order');
  return id.toLowerCase();
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
