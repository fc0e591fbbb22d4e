/**
 * Finding and opening NCCL's library.
 *
 * @module
 */
import { join } from "node:path";
import { locateLibraries } from "../location.ts";
import { isFile } from "../../../files/exists.ts";
import { CommunicatorUnavailableError } from "../../../distributed/communicator.ts";
import { type NcclFunctions, OLDEST_VERSION, symbols } from "./symbols.ts";

/** Where a link to a library that lies elsewhere is looked for. */
export const LINKED = join(".engines", "libnccl.so.2");

/** NCCL, opened. */
export interface NcclLibrary {
  /** Its functions. */
  readonly functions: NcclFunctions;
  /** Its version, as in `"2.28.9"`. */
  readonly version: string;
}

/**
 * Where the library may lie: linked into `.engines/`, among PyTorch's companions, in the system; through PyTorch's part for
 * CUDA its functions are reached too, wherever that has it from.
 */
export function ncclFiles(): string[] {
  const { folder } = locateLibraries();
  return [
    LINKED,
    join(folder, "..", "..", "nvidia", "nccl", "lib", "libnccl.so.2"),
    join(folder, "libtorch_cuda.so"),
    "/usr/lib/x86_64-linux-gnu/libnccl.so.2",
    "/usr/lib/aarch64-linux-gnu/libnccl.so.2",
  ];
}

/**
 * Opens libnccl. It needs no GPU for that.
 *
 * @param files Where it may lie; the first that is there is opened.
 * @throws {CommunicatorUnavailableError} If it is nowhere, may not be opened, is too old, or is not NCCL.
 */
export function openNccl(files: readonly string[] = ncclFiles()): NcclLibrary {
  const file = files.find(isFile);
  if (file === undefined) {
    throw unavailable(
      `libnccl.so.2 is in none of ${files.join(", ")}; \`deno task engine torch --gpu\` installs it, and if it is ` +
        `elsewhere, \`ln -s …/libnccl.so.2 ${LINKED}\` points to it`,
    );
  }
  let functions: NcclFunctions;
  try {
    functions = Deno.dlopen(file, symbols).symbols;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      throw unavailable(`${file} may not be opened; permit it with --allow-ffi=${file}`, { cause });
    }
    const { message } = cause as Error;
    const lacking = /(?:undefined symbol:|register symbol) (\w+)/.exec(message)?.[1];
    throw unavailable(`${file} could not be opened (${lacking ? `it lacks ${lacking}` : message})`, { cause });
  }
  const number = Int32Array.of(0);
  const result = functions.ncclGetVersion(number);
  if (result !== 0) throw unavailable(`${file} does not report its version: ${errorText(functions, result)}`);
  const version = versionText(number[0]);
  if (number[0] < OLDEST_VERSION) throw unavailable(`NCCL 2.10 or later is needed, ${file} has ${version}`);
  return { functions, version };
}

/** What a number of `ncclGetVersion` means: two digits a part from 2.9 on, one before. */
export function versionText(version: number): string {
  const [major, minor] = version < 10000 ? [1000, 100] : [10000, 100];
  return [Math.floor(version / major), Math.floor(version % major / minor), version % minor].join(".");
}

/** An error as text: what its number means, and what NCCL adds to it. */
export function errorText(functions: NcclFunctions, result: number, communicator = 0n): string {
  const [meaning, last] = [functions.ncclGetErrorString(result), functions.ncclGetLastError(communicator)]
    .map((address) => textAt(functions, address));
  return last === "" ? meaning : `${meaning}: ${last}`;
}

function textAt(functions: NcclFunctions, address: bigint): string {
  if (address === 0n) return "";
  const bytes = new Uint8Array(Number(functions.strlen(address)));
  functions.read_bytes(bytes, address, BigInt(bytes.length));
  return new TextDecoder().decode(bytes).trim();
}

function unavailable(reason: string, options?: ErrorOptions): CommunicatorUnavailableError {
  return new CommunicatorUnavailableError("nccl", reason, options);
}
