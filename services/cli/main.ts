#!/usr/bin/env node
import { auditCommands } from './audited.js';
import { ignoreClosedPipes } from './closed-pipes.js';
import { useInstance } from './find-instance.js';
import { buildProgram } from './program.js';
import { runCommand } from './run-command.js';

/** They start an installation of their own. */
const STARTERS = ['up', 'servers'];

const program = buildProgram().hook('preAction', async (_program, command) => {
  if (!STARTERS.includes(command.name())) await useInstance();
});
const audited = auditCommands(program);

ignoreClosedPipes();
await runCommand(program, process.argv);
await audited.answer();
