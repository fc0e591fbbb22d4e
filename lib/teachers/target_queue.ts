/**
 * The order in which targets are requested from a teacher: one batch after another, or, where it works beside the student,
 * the next one ahead.
 *
 * @module
 */
import { rowKey } from "../batches/row.ts";
import { checkedTargets } from "./checked_targets.ts";
import { teacherBatch } from "./teacher_rows.ts";
import type { Teacher, TeacherBatch, TeacherTargets } from "./teacher.ts";

/** Asks a teacher for targets. */
export class TargetQueue {
  readonly #ahead = new Map<string, Promise<TeacherTargets>>();

  /**
   * Starts with nothing requested.
   *
   * @param teacher The teacher.
   * @param options Whether it reads the rows' `teacherPrompt`, as a reference does not.
   */
  constructor(readonly teacher: Teacher, readonly options: { prompts?: boolean } = {}) {}

  async #prepare(batch: TeacherBatch): Promise<TeacherTargets> {
    const { prompts = true } = this.options;
    return await this.teacher.prepare(prompts ? teacherBatch(this.teacher, batch) : batch);
  }

  /** Asks for targets that will be wanted, where that saves time. */
  ask(batch: TeacherBatch): void {
    if (!this.teacher.worksBeside) return;
    const key = keyOf(batch);
    if (this.#ahead.has(key)) return;
    const targets = this.#prepare(batch);
    targets.catch(() => {}); // a failure is met by whoever takes them
    this.#ahead.set(key, targets);
  }

  /**
   * Waits until a batch's targets are there, where that can be done ahead; they are then taken at once.
   *
   * @throws {Error} If the teacher fails.
   */
  async arrive(batch: TeacherBatch): Promise<void> {
    this.ask(batch);
    await this.#ahead.get(keyOf(batch));
  }

  /**
   * Gives a batch's targets; the caller disposes of them.
   *
   * @throws {TypeError} If they have neither logits nor answers, or not those that the teacher said it gives.
   */
  async take(batch: TeacherBatch): Promise<TeacherTargets> {
    const targets = await (this.#asked(batch) ?? this.#prepare(batch));
    return checkedTargets(targets, { teacher: this.teacher, batch });
  }

  /** What was requested ahead. */
  #asked(batch: TeacherBatch): Promise<TeacherTargets> | undefined {
    if (this.#ahead.size === 0) return undefined;
    const key = keyOf(batch);
    const asked = this.#ahead.get(key);
    this.#ahead.delete(key);
    return asked;
  }

  /** Frees requested targets that were never taken, as soon as they arrive. */
  dispose(): void {
    for (const targets of this.#ahead.values()) targets.then((targets) => targets.dispose(), () => {});
    this.#ahead.clear();
  }
}

const keyOf = ({ rows, recurring }: TeacherBatch): string => `${recurring} ${rows.map(rowKey).join(";")}`;
