const base = 0x400000;
const headerSize = 64 + 56;

function machineCode(number: number, args: number[]): Buffer {
  if (process.arch === 'arm64') {
    const move = (register: number, value: number) => 0xd2800000 | ((value & 0xffff) << 5) | register;
    const call = 0xd4000001;
    const negate = 0xcb0003e0;
    const words = [
      ...args.map((value, index) => move(index, value)),
      move(8, number),
      call,
      negate,
      move(8, 93),
      call,
    ];
    const code = Buffer.alloc(words.length * 4);
    for (const [index, word] of words.entries()) code.writeUInt32LE(word >>> 0, index * 4);
    return code;
  }
  const load = (opcode: number, value: number) => {
    const code = Buffer.alloc(5);
    code.writeUInt8(opcode);
    code.writeUInt32LE(value, 1);
    return code;
  };
  const [first = 0, second = 0, third = 0] = args;
  const call = Buffer.from([0x0f, 0x05]);
  const negatedToFirst = Buffer.from([0xf7, 0xd8, 0x89, 0xc7]);
  const [toAx, toDi, toSi, toDx] = [0xb8, 0xbf, 0xbe, 0xba];
  return Buffer.concat([
    load(toDi, first),
    load(toSi, second),
    load(toDx, third),
    load(toAx, number),
    call,
    negatedToFirst,
    load(toAx, 60),
    call,
  ]);
}

/**
 * A program (a static ELF file of some 160 bytes) that makes one system call and exits with its errno: what a
 * busybox has no applet for can be tried in a container with it.
 */
export function systemCallProgram(numbers: { x64: number; arm64: number }, args: number[] = []): Buffer {
  const isArm = process.arch === 'arm64';
  const code = machineCode(isArm ? numbers.arm64 : numbers.x64, [...args, 0, 0, 0].slice(0, 3));
  const file = Buffer.alloc(headerSize);
  file.write('\x7fELF\x02\x01\x01', 'latin1');
  file.writeUInt16LE(2, 16); // an executable
  file.writeUInt16LE(isArm ? 183 : 62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(base + headerSize), 24); // where it begins
  file.writeBigUInt64LE(64n, 32); // the program header, right behind this one
  file.writeUInt16LE(64, 52);
  file.writeUInt16LE(56, 54);
  file.writeUInt16LE(1, 56);
  file.writeUInt32LE(1, 64); // one segment to load,
  file.writeUInt32LE(5, 68); // readable and executable,
  file.writeBigUInt64LE(BigInt(base), 80);
  file.writeBigUInt64LE(BigInt(base), 88);
  file.writeBigUInt64LE(BigInt(headerSize + code.length), 96); // which is all of the file
  file.writeBigUInt64LE(BigInt(headerSize + code.length), 104);
  file.writeBigUInt64LE(0x1000n, 112);
  return Buffer.concat([file, code]);
}
