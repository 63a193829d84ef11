import type { Command } from 'commander';
import { addIntakeIncidents } from './intake-incidents.js';

export function addIntake(program: Command): void {
  const intake = program.command('intake').description('stores and their orders');
  addIntakeIncidents(intake);
}
