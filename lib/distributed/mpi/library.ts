/**
 * Finding and opening Open MPI's library.
 *
 * @module
 */
import { join } from "node:path";
import { isFile } from "../../files/exists.ts";
import { CommunicatorUnavailableError } from "../communicator.ts";
import { symbols } from "./symbols.ts";

/** The functions of libmpi. */
export type MpiFunctions = Deno.StaticForeignLibraryInterface<typeof symbols>;

/** The environment variable that names the library's file. */
export const MPI_VARIABLE = "AMID_MPI";

/** Where Linux distributions install it; tasks may open only these. */
export const usualLibraries: readonly string[] = [
  "/usr/lib/x86_64-linux-gnu/libmpi.so.40",
  "/usr/lib/aarch64-linux-gnu/libmpi.so.40",
  "/usr/lib64/openmpi/lib/libmpi.so.40",
];

/** Where a link to a library in another location is looked for. */
export const LINKED = join(".engines", "libmpi.so");

/** Options for {@linkcode openMpi}. */
export interface OpenMpiOptions {
  /**
   * The library's file; it must exist.
   *
   * @default {what AMID_MPI names}
   */
  file?: string;
  /**
   * Candidates, of which the first that exists is opened if no file is named.
   *
   * @default {a link in .engines/, then where Linux distributions put it}
   */
  candidates?: readonly string[];
}

/**
 * Opens libmpi.
 *
 * @param options The library's file, or candidates.
 * @throws {CommunicatorUnavailableError} If no library is found, it may not be opened, or it is not Open MPI.
 */
export function openMpi(options: OpenMpiOptions = {}): MpiFunctions {
  const { file = variable(), candidates = [LINKED, ...usualLibraries] } = options;
  const found = file ?? candidates.find(isFile);
  if (found === undefined) {
    throw unavailable(
      "Open MPI is not installed; Debian has it as `apt-get install openmpi-bin libopenmpi3`, Fedora as `dnf install " +
        `openmpi\`, and if it is elsewhere, \`ln -s …/libmpi.so.40 ${LINKED}\` or ${MPI_VARIABLE} points to it`,
    );
  }
  try {
    return Deno.dlopen(found, symbols).symbols;
  } catch (cause) {
    if (cause instanceof Deno.errors.NotCapable) {
      const ways = `permit it with --allow-ffi=${found}, or link it as ${LINKED}`;
      throw unavailable(`${found} may not be opened; ${ways}`, { cause });
    }
    const { message } = cause as Error;
    const lacking = /(?:undefined symbol:|register symbol) (\w+)/.exec(message)?.[1];
    const reason = lacking ? `it is not libmpi: it lacks ${lacking}` : message;
    throw unavailable(`${found} could not be opened (${reason})`, { cause });
  }
}

/** The variable's value, if reading it is permitted. */
function variable(): string | undefined {
  try {
    return Deno.env.get(MPI_VARIABLE) || undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
}

function unavailable(reason: string, options?: ErrorOptions): CommunicatorUnavailableError {
  return new CommunicatorUnavailableError("mpi", reason, options);
}
