/** Small zip archives. */

const bytesOf = async (stream: ReadableStream<Uint8Array>): Promise<Uint8Array> =>
  await new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).bytes();

/** Little-endian fields of two and four bytes, as pairs of value and width. */
function fields(...pairs: [value: number, width: 2 | 4][]): Uint8Array {
  const bytes = new Uint8Array(pairs.reduce((sum, [, width]) => sum + width, 0));
  const view = new DataView(bytes.buffer);
  let at = 0;
  for (const [value, width] of pairs) {
    if (width === 2) view.setUint16(at, value, true);
    else view.setUint32(at, value, true);
    at += width;
  }
  return bytes;
}

/** An archive of some files; their checksums are left at zero. */
export async function zipOf(
  files: Readonly<Record<string, Uint8Array<ArrayBuffer>>>,
  { method }: { method: "stored" | "deflated" },
): Promise<Uint8Array<ArrayBuffer>> {
  const pieces: Uint8Array[] = [];
  const list: Uint8Array[] = [];
  let offset = 0;
  const add = (piece: Uint8Array) => {
    pieces.push(piece);
    offset += piece.length;
  };
  for (const [path, bytes] of Object.entries(files)) {
    const name = new TextEncoder().encode(path);
    const packed = method === "stored"
      ? bytes
      : await bytesOf(new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw")));
    const how: [number, 2 | 4][] = [[20, 2], [0, 2], [method === "stored" ? 0 : 8, 2], [0, 2], [0, 2], [0, 4]];
    const sizes: [number, 2 | 4][] = [[packed.length, 4], [bytes.length, 4], [name.length, 2]];
    list.push(
      fields([0x02014b50, 4], [20, 2], ...how, ...sizes, [0, 2], [0, 2], [0, 2], [0, 2], [0, 4], [offset, 4]),
      name,
    );
    // The local header has a field of its own behind the name, so that its length is not that of the list's.
    add(fields([0x04034b50, 4], ...how, ...sizes, [4, 2]));
    add(name);
    add(fields([0, 4]));
    add(packed);
  }
  const start = offset;
  for (const piece of list) add(piece);
  const count = Object.keys(files).length;
  add(fields([0x06054b50, 4], [0, 2], [0, 2], [count, 2], [count, 2], [offset - start, 4], [start, 4], [0, 2]));
  return await new Blob(pieces as Uint8Array<ArrayBuffer>[]).bytes();
}
