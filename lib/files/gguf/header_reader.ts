/**
 * Reads the bytes of a file's header in order; nothing is allocated for bytes that the file does not have.
 *
 * @module
 */

/** Bytes read at once. */
const CHUNK = 1 << 20;

/** The bytes of a text up to which it is read character by character where these take at most two bytes. */
const SHORT = 32;

/** The characters that take one or two bytes. */
const CHARACTERS = Array.from({ length: 0x800 }, (_, code) => String.fromCharCode(code));

/** Reads little-endian values from a file's start on. Reading is synchronous: a header has up to millions of values. */
export class HeaderReader {
  #chunk = new Uint8Array(0);
  #view = new DataView(this.#chunk.buffer);
  /** The chunk's offset in the file. */
  #start = 0;
  /** The next byte's offset in the chunk. */
  #at = 0;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  /**
   * Starts at the file's first byte.
   *
   * @param file The open file.
   * @param path Its path, for messages.
   * @param size Its size in bytes.
   */
  constructor(readonly file: Deno.FsFile, readonly path: string, readonly size: number) {
    file.seekSync(0, Deno.SeekMode.Start);
  }

  /** The next byte's offset in the file. */
  get position(): number {
    return this.#start + this.#at;
  }

  /** The number of bytes left. */
  get left(): number {
    return this.size - this.position;
  }

  /** Reads integers of 1, 2 and 4 bytes, and floats. */
  uint8 = (subject: string): number => this.#number(1, subject, (view, at) => view.getUint8(at));
  int8 = (subject: string): number => this.#number(1, subject, (view, at) => view.getInt8(at));
  uint16 = (subject: string): number => this.#number(2, subject, (view, at) => view.getUint16(at, true));
  int16 = (subject: string): number => this.#number(2, subject, (view, at) => view.getInt16(at, true));
  uint32 = (subject: string): number => this.#number(4, subject, (view, at) => view.getUint32(at, true));
  int32 = (subject: string): number => this.#number(4, subject, (view, at) => view.getInt32(at, true));
  float32 = (subject: string): number => this.#number(4, subject, (view, at) => view.getFloat32(at, true));
  float64 = (subject: string): number => this.#number(8, subject, (view, at) => view.getFloat64(at, true));

  /** Reads an unsigned 64-bit integer; a bigint if a number would not be exact. */
  uint64 = (subject: string): number | bigint => this.#number(8, subject, wholeNumber);

  /** Reads a signed 64-bit integer; a bigint if a number would not be exact. */
  int64 = (subject: string): number | bigint =>
    exact(this.#number(8, subject, (view, at) => view.getBigInt64(at, true)));

  /**
   * Reads how many entries follow, and checks that the file has room for them.
   *
   * @param subject What the count is of, for messages.
   * @param entryBytes The fewest bytes that an entry takes.
   * @throws {SyntaxError} If the file is too small for that many.
   */
  count(subject: string, entryBytes: number): number {
    const count = this.uint64(subject);
    if (Number(count) * entryBytes <= this.left) return Number(count);
    throw this.corrupt(`${subject} claims ${count} entries of at least ${entryBytes} bytes, ${this.left} bytes follow`);
  }

  /** Reads a length and that many bytes of UTF-8. */
  text(subject: string): string {
    const length = this.#length(subject);
    const from = this.#take(length, subject);
    return this.#short(from, length) ?? this.#utf8(from, length, subject);
  }

  /** Skips a length and that many bytes. */
  passText(subject: string): void {
    this.#take(this.#length(subject), subject);
  }

  #length(subject: string): number {
    const length = this.uint64(subject);
    if (Number(length) <= this.left) return Number(length);
    throw this.corrupt(`${subject} claims a string of ${length} bytes, ${this.left} follow`);
  }

  /** Short texts of characters of one or two bytes, which most tokens are, without a decoder's call; undefined for others. */
  #short(from: number, length: number): string | undefined {
    if (length > SHORT) return undefined;
    let text = "";
    for (let at = from; at < from + length; at++) {
      const code = this.#chunk[at];
      if (code < 128) {
        text += CHARACTERS[code];
        continue;
      }
      const next = ++at < from + length ? this.#chunk[at] : 0;
      if (code < 0xc2 || code > 0xdf || (next & 0xc0) !== 0x80) return undefined;
      text += CHARACTERS[(code & 31) << 6 | next & 63];
    }
    return text;
  }

  #utf8(from: number, length: number, subject: string): string {
    try {
      return this.#decoder.decode(this.#chunk.subarray(from, from + length));
    } catch {
      throw this.corrupt(`${subject} is not UTF-8`);
    }
  }

  /** The next bytes, up to `length`, without consuming them. */
  peek(length: number): Uint8Array<ArrayBuffer> {
    const bytes = this.bytes(Math.min(length, this.left), "its start");
    this.#at -= bytes.length;
    return bytes;
  }

  /** Reads bytes, as a copy. */
  bytes(length: number, subject: string): Uint8Array<ArrayBuffer> {
    const from = this.#take(length, subject);
    return this.#chunk.slice(from, from + length);
  }

  /** The error for a file that does not follow its format. */
  corrupt(reason: string): SyntaxError {
    return new SyntaxError(`Cannot read ${this.path}: ${reason}`);
  }

  #number<Value>(length: number, subject: string, get: (view: DataView, at: number) => Value): Value {
    const at = this.#take(length, subject); // before the view is taken, which it may replace
    return get(this.#view, at);
  }

  /** Skips `length` bytes and returns their offset in the chunk. */
  #take(length: number, subject: string): number {
    if (length > this.#chunk.length - this.#at) this.#fill(length, subject);
    const from = this.#at;
    this.#at += length;
    return from;
  }

  /** Makes the chunk start at the next byte and hold at least `length` bytes. */
  #fill(length: number, subject: string): void {
    if (length > this.left) throw this.corrupt(`it ends within ${subject}, at byte ${this.size}; was it truncated?`);
    const kept = this.#chunk.subarray(this.#at);
    const chunk = new Uint8Array(Math.min(this.left, Math.max(length, CHUNK)));
    chunk.set(kept);
    for (let at = kept.length; at < chunk.length;) {
      const count = this.file.readSync(chunk.subarray(at));
      if (count === null) throw this.corrupt("it was truncated while it was being read");
      at += count;
    }
    this.#start = this.position;
    this.#at = 0;
    this.#chunk = chunk;
    this.#view = new DataView(chunk.buffer);
  }
}

/** Most are string lengths, far below what needs a bigint, which is slow to create. */
function wholeNumber(view: DataView, at: number): number | bigint {
  const [low, high] = [view.getUint32(at, true), view.getUint32(at + 4, true)];
  return high < 2 ** 21 ? high * 2 ** 32 + low : view.getBigUint64(at, true);
}

const exact = (value: bigint): number | bigint =>
  value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
