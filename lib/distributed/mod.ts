/**
 * Many processes, one run.
 *
 * @module
 */
export { checkAgreement, checkDevices, localRank, type RankPlace } from "./agreement.ts";
export * from "./communicator.ts";
export { dealPlaces, onAnyRank, RankError, shareOf, type ShareOptions, spread, type SpreadOptions } from "./deal.ts";
export { onFirstRank } from "./first_rank.ts";
export { broadcastValue, gatherValues } from "./messages.ts";
export type { OpenMpiOptions } from "./mpi/library.ts";
export { mpi, type MpiCommunicator } from "./mpi/mpi.ts";
export { single } from "./single.ts";
