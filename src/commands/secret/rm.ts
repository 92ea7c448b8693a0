import { secret } from './secret.ts';
import { removeCommand } from './stored-file.ts';

export default removeCommand(secret);
