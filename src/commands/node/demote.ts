import { roleCommand } from './role-command.ts';

export default roleCommand({
  verb: 'demote',
  role: 'worker',
  summary: 'Demote one or more nodes from manager in the swarm',
  done: (name) => `Manager ${name} demoted in the swarm.`,
});
