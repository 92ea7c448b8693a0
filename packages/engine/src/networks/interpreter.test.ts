import { describe, expect, it } from 'vitest';
import { ProgramFailed, ProgramMissing } from '../process.ts';
import { createInterpreter, InterpreterEnded, type InterpreterOptions } from './interpreter.ts';

/** Complains about lines that begin with "bad", and about marks; ends at "end". */
const script = `
  require('node:readline').createInterface({ input: process.stdin }).on('line', (line) => {
    if (line === 'end') process.exit(3);
    if (line === 'silence') process.stderr.write = () => true;
    if (/^(bad|=)/.test(line)) process.stderr.write('unknown: ' + line + '\\n');
  });`;

function interpreter(options: Partial<InterpreterOptions> = {}) {
  return createInterpreter({
    program: process.execPath,
    args: ['-e', script],
    once: ['-e', script],
    cwd: '/',
    mark: (number) => ({ command: `=${number}`, complaint: new RegExp(`^unknown: =${number}\n`, 'm') }),
    clean: (complaints) => complaints.trim(),
    ...options,
  });
}

describe('an interpreter', () => {
  it('tells for each request what was complained about', async () => {
    const program = interpreter();
    const answers = await Promise.allSettled([
      program.send('good'),
      program.send('bad one', 'good', 'bad two'),
      program.send(),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    const [, refused] = answers;
    const error = refused?.status === 'rejected' ? refused.reason : undefined;
    expect(error).toBeInstanceOf(ProgramFailed);
    expect(error.stderr).toBe('unknown: bad one\nunknown: bad two');
    await program.close();
  });

  it('fails what was under way when the program ends, and starts it again', async () => {
    const program = interpreter();
    const failed = await Promise.allSettled([program.send('end'), program.send('good')]);
    for (const answer of failed) {
      expect(answer.status === 'rejected' && answer.reason).toBeInstanceOf(InterpreterEnded);
    }
    await program.send('good');
    await program.close();
    await program.send('good');
    await program.close();
  });

  it('takes no two commands for one', () => {
    const program = interpreter();
    expect(() => program.send('good\nbad')).toThrow('a command is one line');
  });

  it('is run for each request when it does not answer', async () => {
    const program = interpreter({ patience: 500 });
    await expect(program.send('silence')).rejects.toBeInstanceOf(InterpreterEnded);
    await program.send('good');
    await expect(program.send('end')).rejects.toThrow('exited with code 3');
    await program.close();
  });

  it('says which program is missing', async () => {
    const missing = interpreter({ program: 'no-such-program' }).send('good');
    await expect(missing).rejects.toBeInstanceOf(ProgramMissing);
  });
});
