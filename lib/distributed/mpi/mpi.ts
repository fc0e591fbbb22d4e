/**
 * The communicator over Open MPI's C interface, for engines that compute on processors, and the control channel of the
 * others.
 *
 * Collectives are started with MPI's non-blocking calls, in the order of the calls, and awaited when the caller's work
 * yields: a collective started within a backward pass overlaps with it.
 *
 * @module
 */
import { checkParts, checkRank } from "../collective_checks.ts";
import {
  type Communicator,
  CommunicatorUnavailableError,
  type Reduction,
  type SharedBytes,
  type SharedNumbers,
} from "../communicator.ts";
import { tensorsThroughMemory } from "../tensors_through_memory.ts";
import { type MpiFunctions, openMpi, type OpenMpiOptions } from "./library.ts";
import { fortran, IN_PLACE, LONGEST_TEXT, THREAD_FUNNELED } from "./symbols.ts";

/** A communicator over MPI, with further information that MPI has. */
export interface MpiCommunicator extends Communicator {
  /** Which communicator this is. */
  readonly name: "mpi";
  /** The library and its version. */
  readonly library: string;
  /** The processors that the launcher lets this rank use, by number; empty if the system does not report them. */
  readonly processors: readonly number[];
}

/** MPI counts in 32-bit integers: longer messages are sent in chunks. */
const LONGEST_PIECE = 2 ** 30;

/**
 * Joins the ranks that `mpirun` or `srun` started. A process started in any other way is the only rank.
 *
 * MPI can be initialized only once per process, and not again after `dispose`.
 *
 * @param options The library's location.
 * @throws {CommunicatorUnavailableError} If Open MPI is absent, or its results are not as expected.
 */
export function mpi(options: OpenMpiOptions = {}): MpiCommunicator {
  const functions = openMpi(options);
  const number = Int32Array.of(0);
  functions.MPI_Initialized(number);
  if (number[0] !== 0) throw new CommunicatorUnavailableError("mpi", "it was already started in this process");
  functions.MPI_Init_thread(0n, 0n, THREAD_FUNNELED, number);
  const world = functions.MPI_Comm_f2c(fortran.world);
  const asked = (ask: (out: Int32Array<ArrayBuffer>) => void) => (ask(number), number[0]);
  const rank = asked((out) => functions.MPI_Comm_rank(world, out));
  const size = asked((out) => functions.MPI_Comm_size(world, out));
  checkHandles(functions, { world, size });

  const underWay = new Set<unknown>();
  const byteType = functions.MPI_Type_f2c(fortran.types.byte);
  const typeOf = (data: SharedBytes) => functions.MPI_Type_f2c(fortran.types[kindOf(data)]);
  const operationOf = (name: Reduction) => functions.MPI_Op_f2c(fortran.operations[name]);
  /** Starts a collective immediately, and waits for it when the caller's work yields. */
  const begun = async (used: readonly SharedBytes[], begin: (request: Request) => void): Promise<void> => {
    const request = new BigUint64Array(1);
    const held = { used, request }; // MPI writes to these later: they must outlive the call
    underWay.add(held);
    begin(request);
    await undefined;
    await answered(functions, request, used.reduce((sum, { byteLength }) => sum + byteLength, 0));
    underWay.delete(held);
  };
  const inPieces = async (data: SharedBytes, begin: (piece: SharedBytes, request: Request) => void) => {
    await Promise.all(pieces(data).map((piece) => begun([piece], (request) => begin(piece, request))));
  };
  const memory = {
    size,
    async broadcast(data: SharedBytes, { root = 0 } = {}) {
      checkRank(root, { size });
      await inPieces(data, (piece, request) => {
        functions.MPI_Ibcast(bytesOf(piece), piece.byteLength, byteType, root, world, request);
      });
    },
    async allReduce(numbers: SharedNumbers, { operation = "sum" as Reduction } = {}) {
      const [type, op] = [typeOf(numbers), operationOf(operation)];
      await inPieces(numbers, (piece, request) => {
        functions.MPI_Iallreduce(IN_PLACE, piece, piece.length, type, op, world, request);
      });
    },
    async reduceScatter(whole: SharedNumbers, part: SharedNumbers) {
      checkParts(part, whole, { size });
      checkCount(part);
      const [type, op] = [typeOf(part), operationOf("sum")];
      await begun([whole, part], (request) => {
        functions.MPI_Ireduce_scatter_block(whole, part, part.length, type, op, world, request);
      });
    },
    async allGather(part: SharedBytes, whole: SharedBytes) {
      checkParts(part, whole, { size });
      checkCount(bytesOf(part));
      const count = part.byteLength;
      await begun([part, whole], (request) => {
        functions.MPI_Iallgather(bytesOf(part), count, byteType, bytesOf(whole), count, byteType, world, request);
      });
    },
  };
  let left = false;
  return {
    ...memory,
    name: "mpi",
    rank,
    host: text((out, length) => functions.MPI_Get_processor_name(out, length)),
    library: text((out, length) => functions.MPI_Get_library_version(out, length)).split(",")[0],
    processors: processorsOf(functions),
    tensors: tensorsThroughMemory(memory),
    barrier: () => begun([], (request) => functions.MPI_Ibarrier(world, request)),
    abort: (status) => void functions.MPI_Abort(world, status),
    dispose() {
      if (!left) functions.MPI_Finalize();
      left = true;
    },
  };
}

/** Room for the mask of 8,192 processors. */
const MASK_BYTES = 1024;

function processorsOf({ sched_getaffinity: ask }: MpiFunctions): number[] {
  const mask = new Uint8Array(MASK_BYTES);
  if (!ask || ask(0, BigInt(MASK_BYTES), mask) !== 0) return [];
  return Array.from({ length: 8 * MASK_BYTES }, (_, index) => index)
    .filter((index) => mask[index >> 3] & (1 << (index & 7)));
}

function kindOf(data: SharedBytes): keyof typeof fortran.types {
  if (data instanceof Float32Array) return "float32";
  return data instanceof Float64Array ? "float64" : "byte";
}

/** A collective in flight. */
type Request = BigUint64Array<ArrayBuffer>;

/** Bytes per millisecond over a slow connection. */
const SLOW = 1e5;

/**
 * Waits for a collective. MPI makes progress only while it is polled, so it is polled without pause for as long as the
 * message may take. After that, other ranks are late and may need this processor, and signals and timers must be
 * handled too.
 */
async function answered(functions: MpiFunctions, request: Request, bytes: number): Promise<void> {
  const done = Int32Array.of(0);
  for (;;) {
    const until = performance.now() + 1 + bytes / SLOW;
    do {
      functions.MPI_Test(request, done, 0n);
      if (done[0] !== 0) return;
    } while (performance.now() < until);
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
}

const bytesOf = (data: SharedBytes) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

function pieces(data: SharedBytes): SharedBytes[] {
  const length = LONGEST_PIECE / data.BYTES_PER_ELEMENT;
  const count = Math.ceil(data.length / length);
  return Array.from({ length: count }, (_, index) => data.subarray(index * length, (index + 1) * length));
}

function checkCount({ length }: SharedBytes): void {
  if (length < 2 ** 31) return;
  throw new RangeError(
    `Cannot share among ranks: a rank's part must have fewer than 2^31 elements, current count is ${length}`,
  );
}

/** Handles are looked up by number: sizes and known sums verify the numbers. */
function checkHandles(functions: MpiFunctions, { world, size }: { world: bigint; size: number }): void {
  const bytes = Int32Array.of(0);
  const request = new BigUint64Array(1);
  const wrong = (what: string) =>
    new CommunicatorUnavailableError("mpi", `this MPI numbers its handles differently: ${what}`);
  for (const [name, expected] of [["byte", 1], ["float32", 4], ["float64", 8]] as const) {
    functions.MPI_Type_size(functions.MPI_Type_f2c(fortran.types[name]), bytes);
    if (bytes[0] !== expected) throw wrong(`${name} has ${bytes[0]} bytes, not ${expected}`);
  }
  const expected = { sum: 1.5 * size, max: 1.5, min: 1.5 };
  for (const [name, result] of Object.entries(expected) as [Reduction, number][]) {
    for (const numbers of [Float32Array.of(1.5), Float64Array.of(1.5)]) {
      const type = functions.MPI_Type_f2c(fortran.types[kindOf(numbers)]);
      const operation = functions.MPI_Op_f2c(fortran.operations[name]);
      functions.MPI_Iallreduce(IN_PLACE, numbers, 1, type, operation, world, request);
      functions.MPI_Wait(request, 0n);
      if (numbers[0] !== result) throw wrong(`the ${name} of ${size} times 1.5 is ${numbers[0]}, not ${result}`);
    }
  }
}

function text(ask: (out: Uint8Array<ArrayBuffer>, length: Int32Array<ArrayBuffer>) => void): string {
  const [out, length] = [new Uint8Array(LONGEST_TEXT), Int32Array.of(0)];
  ask(out, length);
  return new TextDecoder().decode(out.subarray(0, length[0]));
}
