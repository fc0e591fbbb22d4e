import type { Trainer } from "../../lib/training/step/trainer.ts";

/** The gradients of a trainer's first step, where nothing is clipped: AdamW's first moments are a tenth of them. */
export const firstGradients = ({ optimizer }: Trainer): Map<string, number[]> =>
  new Map(
    [...optimizer.slots.get("first")!].map(([name, moment]) =>
      [name, Array.from(moment.dataSync(), (number) => 10 * number)] as const
    ),
  );

/** All gradients, one parameter behind the other. */
export const flat = (gradients: ReadonlyMap<string, readonly number[]>): number[] => [...gradients.values()].flat();
