/**
 * Writing files so that a reader finds the old text or the new one, never half of it.
 *
 * @module
 */

/**
 * Writes a file beside its place, then moves it there.
 *
 * @param path Where the file shall be; its folder must exist.
 * @param text What it shall hold.
 * @throws {Error} If it cannot be written, a full disk say; the message names the file, and what was there stays whole.
 */
export async function writeBeside(path: string, text: string): Promise<void> {
  const beside = `${path}.${crypto.randomUUID()}.partial`;
  try {
    await Deno.writeTextFile(beside, text, { createNew: true });
    await Deno.rename(beside, path);
  } catch (cause) {
    await Deno.remove(beside).catch(() => {});
    throw new Error(`Cannot write ${path}: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}
