/**
 * Downloads on standard error, a bar a file.
 *
 * @module
 */
import type { DownloadProgress } from "../../lib/hub/download_repository.ts";
import { onInterrupt } from "./interrupt.ts";
import { type Progress, progress, type ProgressOptions } from "./progress.ts";

/** Bars being drawn. */
export interface DownloadBars {
  /** Takes note of bytes that arrived. */
  update(progress: DownloadProgress): void;
  /** Writes a line of its own. */
  log(line: string): void;
  /** Ends the last bar. */
  done(): void;
}

const KILOBYTE = 1024;

/**
 * Starts to show downloads; sizes are in units of 1024 bytes.
 *
 * @param options Where they are drawn, and the time.
 */
export function downloadBars(options: Pick<ProgressOptions, "surface" | "now"> = {}): DownloadBars {
  let path: string | undefined;
  let bar: Progress | undefined;
  const done = () => {
    bar?.done();
    bar = undefined;
  };
  return {
    update(file) {
      if (file.path !== path) {
        done();
        const [total, start] = [file.size, file.received].map((bytes) => Math.ceil(bytes / KILOBYTE));
        path = file.path;
        bar = progress({ ...options, label: `${path} KiB`, total, start });
      }
      bar?.update({ step: Math.ceil(file.received / KILOBYTE) });
    },
    log: (line) => bar ? bar.log(line) : console.error(line),
    done,
  };
}

/** What a download is given. */
export interface Downloading {
  bars: DownloadBars;
  /** Options of what loads from the hub. */
  hub: { onProgress: (progress: DownloadProgress) => void; signal: AbortSignal };
}

/**
 * Does work that loads files, with its bars, until it is done or Ctrl-C stops it.
 *
 * @param announce What Ctrl-C says.
 * @param work The work, which returns the task's exit status.
 * @returns Its status, or 130.
 */
export async function downloading(announce: string, work: (given: Downloading) => Promise<number>): Promise<number> {
  const bars = downloadBars();
  using interrupt = onInterrupt({ announce: () => bars.log(announce) });
  const { signal } = interrupt;
  try {
    return await work({ bars, hub: { onProgress: bars.update, signal } });
  } catch (error) {
    if (signal.aborted) return 130;
    throw error;
  } finally {
    bars.done();
  }
}
