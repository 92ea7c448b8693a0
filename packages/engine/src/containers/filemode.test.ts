import { expect, it } from 'vitest';
import { goFileMode } from './filemode.ts';

it.each([
  ['a file', 0o100644, 420],
  ['a directory', 0o040755, 2147484141],
  ['a directory for all', 0o041777, 2148532735],
  ['a link', 0o120777, 134218239],
  ['a named pipe', 0o010644, 33554852],
  ['a setuid program', 0o104755, 8389101],
  ['a character device', 0o020666, 69206454],
])('writes the mode of %s as Go does', (_, unix, go) => expect(goFileMode(unix)).toBe(go));
