import { roleCommand } from './role-command.ts';

export default roleCommand({
  verb: 'promote',
  role: 'manager',
  summary: 'Promote one or more nodes to manager in the swarm',
  done: (name) => `Node ${name} promoted to a manager in the swarm.`,
});
