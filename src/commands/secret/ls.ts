import { secret } from './secret.ts';
import { listCommand } from './stored-file.ts';

export default listCommand(secret);
