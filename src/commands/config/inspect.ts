import { inspectCommand } from '../secret/stored-file.ts';
import { config } from './config.ts';

export default inspectCommand(config);
