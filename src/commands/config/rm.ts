import { removeCommand } from '../secret/stored-file.ts';
import { config } from './config.ts';

export default removeCommand(config);
