import {
  blockSize,
  type PaxRecord,
  paddingOf,
  parseHeader,
  parsePax,
  type TarHeader,
  tarError,
} from './tar.ts';

/** One entry of an archive, whatever the headers it took to describe it. */
export interface TarEntry extends TarHeader {
  /** Records of its pax header, without its names and without a size that it cannot have. */
  records: PaxRecord[];
  /** Its last header block. */
  block: Buffer;
  /** Whether its last header block alone says all there is to say, and nothing that is wrong. */
  simple: boolean;
}

/** What is told about an archive as its bytes come in. Pieces are views of the chunks, never copies. */
export interface TarHandler {
  /**
   * An entry begins; `raw` are its headers as they came. Returns whether its content follows in this stream:
   * it does in a tar archive, and it does not where someone took it out.
   */
  entry(entry: TarEntry, raw: Buffer[]): boolean;
  content(piece: Buffer): void;
  padding(piece: Buffer): void;
  /** Global headers, which describe no entry, and everything from the end mark on. */
  beside(piece: Buffer): void;
}

export interface TarScanner {
  push(chunk: Buffer): void;
  /** Says that no more bytes come. Throws when that is in the middle of an entry. */
  end(): void;
}

const mostMetadata = 1024 * 1024;
/** Types of entries that have no content, whatever size their header names. */
const headerOnly = new Set(['1', '2', '3', '4', '5', '6']);
const inFields = new Set(['path', 'linkpath', 'size']);

/** Follows a tar archive through the chunks it arrives in, without holding more of it than headers. */
export function createTarScanner(handler: TarHandler): TarScanner {
  let state: 'header' | 'metadata' | 'sparse' | 'content' | 'padding' | 'ended' = 'header';
  let left = 0;
  let padding = 0;
  /** Blocks of which only a part has come. */
  let held: Buffer[] = [];
  let heldBytes = 0;
  /** The headers of the entry that begins. */
  let raw: Buffer[] = [];
  let rawBytes = 0;
  let metadata: { type: string; size: number } = { type: '', size: 0 };
  let records: PaxRecord[] = [];
  let name: string | null = null;
  let linkname: string | null = null;
  let header: { fields: TarHeader; block: Buffer } | null = null;

  /** The next `size` bytes in one piece, or null until they are complete. */
  const collect = (chunk: Buffer, at: number, size: number): Buffer | null => {
    const wanted = size - heldBytes;
    const piece = chunk.subarray(at, at + wanted);
    if (piece.length < wanted) {
      // A copy: the chunk may be lent until the next one only.
      held.push(Buffer.from(piece));
      heldBytes += piece.length;
      return null;
    }
    const whole = held.length === 0 ? piece : Buffer.concat([...held, piece]);
    held = [];
    heldBytes = 0;
    return whole;
  };

  const keep = (piece: Buffer) => {
    raw.push(piece);
    rawBytes += piece.length;
    if (rawBytes > mostMetadata) throw tarError('the headers of an entry are too large');
  };

  const begin = () => {
    if (!header) return;
    const { fields, block } = header;
    const last = (key: string) => records.findLast((record) => record[0] === key)?.[1];
    const size = last('size');
    if (size !== undefined && !/^\d{1,15}$/.test(size)) throw tarError('a size is not a number');
    const entry: TarEntry = {
      ...fields,
      name: last('GNU.sparse.name') ?? last('path') ?? name ?? fields.name,
      linkname: last('linkpath') ?? linkname ?? fields.linkname,
      size: headerOnly.has(fields.type) ? 0 : Number(size ?? fields.size),
      records: records.filter(
        ([key]) => !inFields.has(key) || (key === 'size' && !headerOnly.has(fields.type)),
      ),
      block,
      simple: raw.length === 1 && (fields.size === 0 || !headerOnly.has(fields.type)),
    };
    const follows = handler.entry(entry, raw);
    left = follows ? entry.size : 0;
    padding = paddingOf(entry.size);
    state = 'content';
    raw = [];
    rawBytes = 0;
    records = [];
    name = null;
    linkname = null;
    header = null;
  };

  const takeMetadata = (padded: Buffer) => {
    const body = padded.subarray(0, metadata.size);
    if (metadata.type === 'g' && raw.length === 1) {
      for (const piece of [...raw.splice(0), padded]) handler.beside(piece);
      rawBytes = 0;
    } else {
      keep(padded);
      const text = body.toString('latin1').split('\0', 1)[0] ?? '';
      if (metadata.type === 'x') records.push(...parsePax(body));
      else if (metadata.type === 'L') name = text;
      else if (metadata.type === 'K') linkname = text;
    }
    state = 'header';
  };

  const takeHeader = (block: Buffer) => {
    const fields = parseHeader(block);
    if (!fields) {
      if (raw.length > 0) throw tarError('it ends within the headers of an entry');
      state = 'ended';
      handler.beside(block);
      return;
    }
    keep(block);
    if ('xLKg'.includes(fields.type)) {
      if (fields.size > mostMetadata) throw tarError('a header is too large');
      metadata = { type: fields.type, size: fields.size };
      state = 'metadata';
      if (fields.size === 0) takeMetadata(Buffer.alloc(0));
      return;
    }
    header = { fields, block };
    if (fields.type === 'S' && block[482]) state = 'sparse';
    else begin();
  };

  return {
    push(chunk) {
      for (let at = 0; at < chunk.length; ) {
        if (state === 'content' || state === 'padding') {
          const piece = chunk.subarray(at, at + left);
          at += piece.length;
          left -= piece.length;
          if (piece.length > 0) handler[state](piece);
          if (left > 0) return;
          left = state === 'content' ? padding : 0;
          state = left > 0 ? 'padding' : 'header';
        } else if (state === 'ended') {
          handler.beside(chunk.subarray(at));
          return;
        } else {
          const size = state === 'metadata' ? metadata.size + paddingOf(metadata.size) : blockSize;
          const missing = size - heldBytes;
          const whole = collect(chunk, at, size);
          if (!whole) return;
          at += missing;
          if (state === 'metadata') takeMetadata(whole);
          else if (state === 'header') takeHeader(whole);
          else {
            keep(whole);
            if (!whole[504]) begin();
          }
        }
      }
    },
    end() {
      const between = state === 'ended' || (state === 'header' && heldBytes === 0 && raw.length === 0);
      const done =
        (state === 'content' || state === 'padding') && left === 0 && (state === 'padding' || padding === 0);
      if (!between && !done) throw tarError('it is cut short');
    },
  };
}
