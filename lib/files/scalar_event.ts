/**
 * TensorBoard's event format, as far as scalars need it, in the protocol buffers wire format.
 *
 * `Event { 1: double wall_time, 2: int64 step, 3: string file_version, 5: Summary { 1: Value { 1: string tag, 2: float simple_value } }, 7: SessionLog { 1: enum status } }`,
 * each framed as a record of `uint64 length, uint32 checksum of the length, bytes, uint32 checksum of the bytes`,
 * little-endian.
 *
 * Source: tensorflow/core/util/event.proto and tensorflow/core/lib/io/record_writer.h of TensorFlow 2.
 *
 * @module
 */
import { joinBytes } from "./join_bytes.ts";
import { maskedCrc32c } from "./crc32c.ts";

/** An event to be written. */
export interface ScalarEvent {
  /** Seconds since 1970. */
  wallTime: number;
  /** The step that the values belong to, from 0. */
  step: number;
  /** The values by their tags; infinities and NaN are values too. */
  scalars?: Readonly<Record<string, number>>;
  /** The first event of a file has its version. */
  fileVersion?: string;
  /** Whether readers should discard events of this step and later ones: the run resumed from an earlier checkpoint. */
  restart?: boolean;
}

/** The wire types that mark which kind of value follows. */
const wire = { varint: 0, double: 1, bytes: 2, float: 5 } as const;

function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push(rest % 128 + 128);
  return Uint8Array.from([...bytes, rest]);
}

const key = (field: number, kind: keyof typeof wire): Uint8Array => varint(field * 8 + wire[kind]);

function number(field: number, value: number, kind: "double" | "float"): Uint8Array {
  const view = new DataView(new ArrayBuffer(kind === "double" ? 8 : 4));
  if (kind === "double") view.setFloat64(0, value, true);
  else view.setFloat32(0, value, true);
  return joinBytes([key(field, kind), new Uint8Array(view.buffer)]);
}

const bytesField = (field: number, bytes: Uint8Array): Uint8Array =>
  joinBytes([key(field, "bytes"), varint(bytes.length), bytes]);
const text = (field: number, value: string): Uint8Array => bytesField(field, new TextEncoder().encode(value));

function encodeEvent({ wallTime, step, scalars = {}, fileVersion, restart = false }: ScalarEvent): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) =>
    bytesField(1, joinBytes([text(1, tag), number(2, value, "float")]))
  );
  return joinBytes([
    number(1, wallTime, "double"),
    joinBytes([key(2, "varint"), varint(step)]),
    fileVersion === undefined ? new Uint8Array() : text(3, fileVersion),
    values.length > 0 ? bytesField(5, joinBytes(values)) : new Uint8Array(),
    restart ? bytesField(7, joinBytes([key(1, "varint"), varint(1)])) : new Uint8Array(), // 1 is START
  ]);
}

/**
 * Encodes an event as a record of an event file.
 *
 * @param event The event.
 * @returns The record's bytes, checksums included.
 * @throws {RangeError} If the step is not a non-negative whole number.
 */
export function encodeScalarEvent(event: ScalarEvent): Uint8Array<ArrayBuffer> {
  if (!Number.isSafeInteger(event.step) || event.step < 0) {
    throw new RangeError(
      `Cannot write an event: its step must be a non-negative whole number, current value is ${event.step}`,
    );
  }
  const bytes = encodeEvent(event);
  const head = new DataView(new ArrayBuffer(12));
  head.setBigUint64(0, BigInt(bytes.length), true);
  head.setUint32(8, maskedCrc32c(new Uint8Array(head.buffer, 0, 8)), true);
  const tail = new DataView(new ArrayBuffer(4));
  tail.setUint32(0, maskedCrc32c(bytes), true);
  return joinBytes([new Uint8Array(head.buffer), bytes, new Uint8Array(tail.buffer)]);
}

/**
 * Finds how much of an event file belongs to the steps up to a given one: complete records before the first of a later
 * step. The files are those of {@linkcode encodeScalarEvent}, in which the step is always the second field.
 *
 * @param file The bytes of the file.
 * @param step The last step that counts.
 * @returns The number of bytes from the file's start.
 */
export function eventBytesUpTo(file: Uint8Array, step: number): number {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let end = 0;
  while (end + 16 <= file.length) {
    const length = Number(view.getBigUint64(end, true));
    const body = end + 12;
    if (body + length + 4 > file.length) break;
    const bytes = file.subarray(body, body + length);
    if (view.getUint32(body + length, true) !== maskedCrc32c(bytes) || stepOf(bytes) > step) break;
    end = body + length + 4;
  }
  return end;
}

/** The step of an event: after the nine bytes of the time and its own key. */
function stepOf(event: Uint8Array): number {
  let step = 0;
  for (let at = 10, factor = 1; at < event.length; at++, factor *= 128) {
    step += (event[at] & 127) * factor;
    if (event[at] < 128) break;
  }
  return step;
}
