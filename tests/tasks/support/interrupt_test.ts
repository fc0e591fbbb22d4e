import { assert, assertEquals } from "../../support/mod.ts";
import { onInterrupt, type SignalSource } from "../../../tasks/support/interrupt.ts";

/** Signals that the test sends itself. */
function fakeSource() {
  const listeners = new Map<Deno.Signal, () => void>();
  const source: SignalSource = {
    addSignalListener: (signal, listener) => void listeners.set(signal, listener),
    removeSignalListener: (signal, listener) => void (listeners.get(signal) === listener && listeners.delete(signal)),
  };
  return { source, listeners, send: (signal: Deno.Signal) => listeners.get(signal)!() };
}

Deno.test("onInterrupt() aborts at the first signal and exits at the second", () => {
  const [announced, statuses]: [string[], number[]] = [[], []];
  const { source, send } = fakeSource();
  using interrupt = onInterrupt({
    announce: (signal) => announced.push(signal),
    exit: (status) => statuses.push(status),
    signals: ["SIGINT", "SIGTERM"],
    source,
  });
  assert(!interrupt.signal.aborted);
  send("SIGINT");
  assertEquals([interrupt.signal.aborted, interrupt.signal.reason, announced, statuses], [
    true,
    "SIGINT",
    ["SIGINT"],
    [],
  ]);
  send("SIGTERM");
  assertEquals([announced, statuses], [["SIGINT"], [143]]);
});

Deno.test("onInterrupt() takes SIGUSR2 for the request to stop, however often it comes", () => {
  const statuses: number[] = [];
  const { source, send } = fakeSource();
  using interrupt = onInterrupt({ exit: (status) => statuses.push(status), source });
  send("SIGUSR2");
  assert(interrupt.signal.aborted);
  send("SIGUSR2");
  assertEquals(statuses, []);
  send("SIGTERM");
  assertEquals(statuses, [143]);
});

Deno.test("onInterrupt() releases every signal when it is disposed of", () => {
  const { source, listeners } = fakeSource();
  {
    using _interrupt = onInterrupt({ source });
    assertEquals([...listeners.keys()].sort(), ["SIGINT", "SIGTERM", "SIGUSR2"]);
  }
  assertEquals(listeners.size, 0);
});

Deno.test("onInterrupt() receives and releases the system's own signals", () => {
  // Deno's sanitizer fails this test if a listener is left.
  onInterrupt({ exit: () => {} }).stop();
});
