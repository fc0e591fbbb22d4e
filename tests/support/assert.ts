/** Assertions, from Node's own module so that the tests need no registry. */
import nodeAssert from "node:assert/strict";

/** Fails with a message unless the condition holds. */
export function assert(condition: unknown, message?: string): asserts condition {
  nodeAssert(condition, message);
}

/** Deep strict equality. */
export function assertEquals(actual: unknown, expected: unknown, message?: string): void {
  nodeAssert.deepStrictEqual(actual, expected, message);
}

type ErrorClass = new (...args: never[]) => Error;

function check(error: unknown, kind: ErrorClass, part: string): void {
  assert(error instanceof kind, `threw ${error}, expected ${kind.name}`);
  assert(error.message.includes(part), `message "${error.message}" does not contain "${part}"`);
}

/** The call throws an error of that kind whose message has that part. */
export function assertThrows(call: () => unknown, kind: ErrorClass, part = ""): void {
  try {
    call();
  } catch (error) {
    return check(error, kind, part);
  }
  throw new Error(`nothing was thrown, expected ${kind.name}`);
}

/** The promise is rejected with an error of that kind whose message has that part. */
export async function assertRejects(call: () => Promise<unknown>, kind: ErrorClass, part = ""): Promise<void> {
  try {
    await call();
  } catch (error) {
    return check(error, kind, part);
  }
  throw new Error(`nothing was thrown, expected ${kind.name}`);
}
