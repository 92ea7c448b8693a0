import { secret } from './secret.ts';
import { inspectCommand } from './stored-file.ts';

export default inspectCommand(secret);
