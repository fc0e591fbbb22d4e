/**
 * A wheel by the user's own pip, from wherever that is set up to look for packages.
 *
 * @module
 */
import { join } from "node:path";
import { UsageError } from "./usage_error.ts";

/** Options for {@linkcode pipDownload}. */
export interface PipDownloadOptions {
  /** The folder that the wheel goes into; what is half there lies in its folder `loading` in the meantime. */
  folder: string;
  /** SHA-256 of the wheel, hexadecimal; pip refuses another. */
  sha256: string;
  /** Stops pip. */
  signal?: AbortSignal;
  /** Receives the number of bytes that are there, now and then. */
  onBytes?: (received: number) => void;
  /**
   * Milliseconds between two looks at what is there.
   *
   * @default {200}
   */
  interval?: number;
}

/** The program; it brings pip along. */
const PYTHON = "python3";

/**
 * Downloads a wheel without what it depends on. pip resumes a connection that breaks, where it is new enough for that.
 *
 * @param requirement The package and its version, as in `name==1.0`.
 * @param options Where it goes.
 * @throws {UsageError} If there is no Python or no pip, no package index can be reached, or it has another wheel.
 */
export async function pipDownload(requirement: string, options: PipDownloadOptions): Promise<void> {
  const { folder, sha256, signal, onBytes, interval = 200 } = options;
  const loading = join(folder, "loading");
  const list = join(folder, "requirements.txt");
  await Deno.mkdir(loading, { recursive: true });
  await Deno.writeTextFile(list, `${requirement} --hash=sha256:${sha256}\n`);
  const watch = setInterval(() => onBytes?.(bytesIn(loading)), interval);
  try {
    const child = startPip(["--dest", folder, "--requirement", list], loading);
    const stop = () => child.kill("SIGTERM");
    signal?.addEventListener("abort", stop, { once: true });
    const { success, stdout, stderr } = await child.output();
    signal?.removeEventListener("abort", stop);
    signal?.throwIfAborted();
    if (success) return;
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes).trim());
    throw new UsageError(`Cannot fetch ${requirement}: ${reasonIn(err || out)}`);
  } finally {
    clearInterval(watch);
    await Deno.remove(loading, { recursive: true }).catch(() => {});
    await Deno.remove(list).catch(() => {});
  }
}

function startPip(args: string[], temporary: string): Deno.ChildProcess {
  const pip = [
    "-m",
    "pip",
    "download",
    "--no-deps",
    "--only-binary=:all:",
    "--disable-pip-version-check",
    "--no-input",
  ];
  // pip writes what it loads into the system's folder for such things, which may be small, and where its size is not seen.
  const folders = { TMPDIR: temporary, TEMP: temporary, TMP: temporary };
  const env = { ...folders, NO_COLOR: "1", PIP_PROGRESS_BAR: "off", PIP_RESUME_RETRIES: "5" };
  const isThere = Deno.permissions.querySync({ name: "run", command: PYTHON }).state === "granted";
  try {
    if (!isThere) throw new Deno.errors.NotFound();
    return new Deno.Command(PYTHON, { args: [...pip, ...args], env, stdin: "null", stdout: "piped", stderr: "piped" })
      .spawn();
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound)) throw cause;
    throw new UsageError(`Cannot fetch a package: ${PYTHON} with pip is needed, there is no ${PYTHON} on the PATH`, {
      cause,
    });
  }
}

/** What pip could not do, in a line. */
function reasonIn(text: string): string {
  const last = text.split("\n").filter((line) => line.trim() !== "").slice(-3).map((line) => line.trim()).join(" / ");
  if (/No module named pip\b/.test(text)) return `${PYTHON} has no pip; its "${PYTHON} -m ensurepip" installs it`;
  if (/HASHES|hash(es)? (do|from)/.test(text)) {
    return `the wheel that pip found has an unexpected hash, it was discarded (${last})`;
  }
  if (/Retrying|NewConnectionError|ConnectTimeout|Max retries|ProxyError/.test(text)) {
    return `pip cannot reach a package index; "${PYTHON} -m pip config list" shows which it uses (${last})`;
  }
  return `"${PYTHON} -m pip download" failed (${last || "it printed nothing"})`;
}

/** The bytes of all files under a folder; files come and go meanwhile. */
function bytesIn(folder: string): number {
  let bytes = 0;
  try {
    for (const { name, isDirectory } of Deno.readDirSync(folder)) {
      const path = join(folder, name);
      bytes += isDirectory ? bytesIn(path) : Deno.lstatSync(path).size;
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return bytes;
}
