/**
 * How threads share a job: a leader, who sets it out, and workers, who sleep until there is one and take task after task
 * as long as there are any. The leader takes tasks as well, and waits only for workers that have begun one: where the
 * machine has no processor for a worker, the leader does it all.
 *
 * @module
 */
import {
  add,
  addShared,
  block,
  both,
  call,
  counting,
  drop,
  during,
  equal,
  less,
  loadInteger,
  loadShared,
  type Local,
  set,
  sleepWhile,
  storeShared,
  unequal,
  wake,
  when,
} from "../assembler/instructions.ts";
import type { Declare, ModuleBuilder } from "../assembler/module.ts";

/** Where a job has its numbers, in bytes from its beginning. */
export const JOB = {
  /** How often a job was set out; workers sleep on it. */
  round: 0,
  /** Whether tasks may be taken. */
  open: 64,
  /** The next task. */
  next: 128,
  /** Workers that may be at a task; the leader sleeps on it. */
  busy: 192,
  /** How many tasks there are. */
  tasks: 256,
  /** Which function computes them. */
  kind: 260,
  /** How many workers take tasks; the others stay away. */
  workers: 264,
  /** What the tasks read. */
  fields: 268,
  /** Bytes of it all. */
  size: 512,
} as const;

/** Times that a thread looks again before it sleeps: some tens of microseconds. */
const LOOKS = 20_000;

/**
 * Adds the functions that threads run, each of which takes where the job is and where the thread's scratch is: `work`, for
 * workers, which also takes the worker's number, does not return; `lead` does a job with them, and `alone` without.
 *
 * @param kinds The functions that compute a task, by the job's kind.
 */
export function addTeam(module: ModuleBuilder, kinds: readonly { index: number }[]): void {
  const run = module.add({
    parameters: 3,
    write: ([job, task, scratch]) =>
      block(
        ...kinds.map((kind, index) =>
          when(equal(loadInteger(job, JOB.kind), index), call(kind, add(job, JOB.fields), task, scratch))
        ),
      ),
  });
  module.add({
    exported: "alone",
    parameters: 2,
    write([job, scratch], declare) {
      const task = declare("i32");
      return counting(task, { to: loadInteger(job, JOB.tasks) }, call(run, job, task, scratch));
    },
  });
  const share = module.add({
    parameters: 2,
    write([job, scratch], declare) {
      const task = declare("i32");
      const take = set(task, addShared(job, 1, JOB.next));
      const more = less(task, loadInteger(job, JOB.tasks));
      return block(take, during(more, block(call(run, job, task, scratch), take)));
    },
  });
  module.add({
    exported: "lead",
    parameters: 2,
    write([job, scratch], declare) {
      const busy = declare("i32");
      return block(
        storeShared(job, 0, JOB.next),
        storeShared(job, 1, JOB.open),
        drop(addShared(job, 1, JOB.round)),
        wake(job, JOB.round),
        call(share, job, scratch),
        storeShared(job, 0, JOB.open),
        whileEqual({ job, seen: busy, offset: JOB.busy, ends: 0 }, declare),
      );
    },
  });
  module.add({
    exported: "work",
    parameters: 3,
    write([job, scratch, number], declare) {
      const [round, looks] = [declare("i32"), declare("i32")];
      const same = equal(loadShared(job, JOB.round), round);
      return during(
        1,
        block(
          set(looks, 0),
          during(both(same, less(looks, LOOKS)), set(looks, add(looks, 1))),
          during(same, sleepWhile(job, round, JOB.round)),
          set(round, loadShared(job, JOB.round)),
          // A job is closed before its leader looks who is busy: whoever finds it open is waited for.
          drop(addShared(job, 1, JOB.busy)),
          when(
            both(loadShared(job, JOB.open), less(number, loadShared(job, JOB.workers))),
            call(share, job, scratch),
          ),
          when(equal(addShared(job, -1, JOB.busy), 1), wake(job, JOB.busy)),
        ),
      );
    },
  });
}

/** Waits until a shared number has a value, looking a while and then sleeping. */
function whileEqual(
  { job, seen, offset, ends }: { job: Local; seen: Local; offset: number; ends: number },
  declare: Declare,
) {
  const looks = declare("i32");
  return block(
    set(seen, loadShared(job, offset)),
    during(
      unequal(seen, ends),
      block(
        when(less(looks, LOOKS), set(looks, add(looks, 1)), sleepWhile(job, seen, offset)),
        set(seen, loadShared(job, offset)),
      ),
    ),
  );
}
