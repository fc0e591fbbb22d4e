/**
 * A recorder that cannot harm a run: its first failure is reported, and it gets no further events.
 *
 * @module
 */
import type { RecordedEvent, Recorder, RunEnd, RunStart } from "./recorder.ts";

/** A recorder whose calls never throw. */
export class GuardedRecorder {
  readonly #recorder: Recorder;
  readonly #warn: (message: string) => void;
  #opened = false;
  #failed = false;

  /** Guards a recorder; `warn` is called once at most for its failures. */
  constructor(recorder: Recorder, warn: (message: string) => void) {
    this.#recorder = recorder;
    this.#warn = warn;
  }

  async open(start: RunStart): Promise<void> {
    this.#opened = true;
    await this.#attempt(() => this.#recorder.open?.(start));
  }

  async event(event: RecordedEvent): Promise<void> {
    if (!this.#failed) await this.#attempt(() => this.#recorder.event(event));
  }

  /** The recorder's offset, with everything up to it on the disk unless the recorder has failed. */
  flushedOffset(): number | undefined {
    try {
      if (!this.#failed) this.#recorder.flush?.();
    } catch (error) {
      this.#fail(error);
    }
    return this.#recorder.offset;
  }

  async close(end: RunEnd): Promise<void> {
    if (this.#opened) await this.#attempt(() => this.#recorder.close?.(end));
  }

  async #attempt(work: () => void | Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.#fail(error);
    }
  }

  #fail(error: unknown): void {
    if (this.#failed) return;
    this.#failed = true;
    const reason = error instanceof Error ? error.message : String(error);
    this.#warn(`${this.#recorder.name} records nothing further: ${reason}; the run continues without it`);
  }
}
