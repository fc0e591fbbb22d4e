/**
 * Loops.
 *
 * @module
 */
import { unpack } from "./assign.ts";
import { evaluate } from "./evaluate.ts";
import { type Ending, execute, type Stage } from "./execute.ts";
import { Loop } from "./loop.ts";
import type { For } from "./nodes.ts";
import { Output } from "./output.ts";
import { each, truth } from "./protocol.ts";
import { Scope } from "./scope.ts";
import { Lazy, type Value } from "./value.ts";

/** Executes a loop. */
export function executeFor(node: For, stage: Stage): Ending {
  const items = evaluate(node.iterable, stage);
  if (!node.isRecursive) return go(node, { items, depth: 0, stage });
  stage.output.add(recurse(node, { items, depth: 0, stage }));
  return undefined;
}

/** The items of a loop, and its context. */
interface Run {
  items: Value;
  depth: number;
  stage: Stage;
}

/** Executes a level of a recursive loop. */
function recurse(node: For, { items, depth, stage }: Run): string {
  return stage.rendering.deeper(() => {
    const output = new Output(stage.rendering.meter);
    go(node, { items, depth, stage: { ...stage, output } });
    return output.join();
  });
}

function go(node: For, { items, depth, stage }: Run): Ending {
  const { scope: outer, rendering } = stage;
  const source = node.test ? new Lazy(chosen(node, items, stage)) : items;
  const again = node.isRecursive ? (items: Value, depth: number) => recurse(node, { items, depth, stage }) : undefined;
  const loop = new Loop(source, again, depth);
  // As in Python, a body interrupted by `break` or `continue` does not count as having run.
  let hasRun = false;
  for (let next = loop.next(); next; next = loop.next()) {
    rendering.meter.charge();
    const parameters = unpack(node.target, next.value);
    if (node.hasLoop) parameters.set("loop", loop);
    const scope = new Scope(outer.context, outer).enter(node.frame!, parameters);
    const ending = execute(node.body, { ...stage, scope });
    if (ending === "break") break;
    if (ending === undefined) hasRun = true;
  }
  if (hasRun || node.otherwise.length === 0) return undefined;
  return execute(node.otherwise, { ...stage, scope: new Scope(outer.context, outer).enter(node.elseFrame!) });
}

/** The items that satisfy the loop's condition, evaluated lazily. */
function* chosen(node: For, items: Value, stage: Stage): Generator<Value> {
  const { scope: outer } = stage;
  for (const value of each(items)) {
    const scope = new Scope(outer.context, outer).enter(node.testFrame!, unpack(node.target, value));
    if (truth(evaluate(node.test!, { ...stage, scope }))) yield value;
  }
}
