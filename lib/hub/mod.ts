/**
 * Models and data from a hub.
 *
 * @module
 */
export {
  type DownloadProgress,
  downloadRepository,
  type DownloadRepositoryOptions,
  type HubOptions,
} from "./download_repository.ts";
export { type Environment, type HubSettings, hubSettings } from "./environment.ts";
export { HubError } from "./hub_error.ts";
export type { Patience } from "./hub_fetch.ts";
export type { Repository } from "./repository.ts";
export type { WantedFiles } from "./wanted_files.ts";
