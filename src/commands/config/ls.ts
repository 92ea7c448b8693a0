import { listCommand } from '../secret/stored-file.ts';
import { config } from './config.ts';

export default listCommand(config);
