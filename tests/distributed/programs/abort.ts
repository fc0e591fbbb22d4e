/** Rank 1 ends the run while the others wait. */
import { mpi } from "../../../lib/distributed/mod.ts";

const ranks = mpi();
if (ranks.rank === 1) {
  console.error("rank 1 ends the run");
  ranks.abort(3);
}
await ranks.barrier();
console.log("past the barrier");
