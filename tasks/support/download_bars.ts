/**
 * Downloads on standard error, a bar a file.
 *
 * @module
 */
import type { DownloadProgress } from "../../lib/hub/download_repository.ts";
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
