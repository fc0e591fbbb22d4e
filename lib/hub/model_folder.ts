/**
 * A name that may be a folder, or a repository on a hub.
 *
 * @module
 */
import { isFile, isFolder } from "../files/exists.ts";
import { downloadRepository, type HubOptions } from "./download_repository.ts";
import { HubError } from "./hub_error.ts";
import { packagedModel, packagedModelFile } from "./packaged_models.ts";
import { isRepositoryName } from "./repository.ts";

/** Options for {@linkcode modelFolder}. */
export interface ModelFolderOptions {
  /** A branch, a tag or a commit on the hub; not for a local folder. */
  revision?: string;
  /** Which files of a repository are needed. */
  wanted: "model" | "tokenizer";
  /**
   * How the hub is used.
   *
   * @default {as the environment says}
   */
  hub?: HubOptions;
}

/**
 * Resolves a name to a folder: a local folder of that name, or else a repository, which is downloaded into the cache. A
 * name in `PACKAGED_MODELS` resolves to the file that `deno task fetch` stored.
 *
 * @param pathOrRepository A path, or a name such as `openai-community/gpt2`.
 * @param options The revision, and what is needed.
 * @returns The folder, or the file. A path that cannot be a repository's name is returned unchanged, whether it exists
 * or not.
 * @throws {TypeError} If the name is empty, or a revision of a local folder is requested.
 * @throws {HubError} If a repository cannot be loaded.
 */
export async function modelFolder(pathOrRepository: string, options: ModelFolderOptions): Promise<string> {
  const { revision, wanted, hub } = options;
  if (typeof pathOrRepository !== "string" || pathOrRepository === "") {
    throw new TypeError(
      `Cannot load a ${wanted}: a folder or the name of a repository is needed, current value is ${
        JSON.stringify(pathOrRepository)
      }`,
    );
  }
  const isLocal = await isFolder(pathOrRepository) || isFile(pathOrRepository);
  if (!isLocal && packagedModel(pathOrRepository) !== undefined) {
    if (revision === undefined) return await packagedModelFile(pathOrRepository, hub);
    throw new TypeError(
      `Cannot load ${pathOrRepository}: a model from a package has no revisions, current value is ${revision}`,
    );
  }
  if (!isLocal && isRepositoryName(pathOrRepository)) {
    try {
      return await downloadRepository(pathOrRepository, { ...hub, wanted, revision });
    } catch (cause) {
      if (!(cause instanceof HubError)) throw cause;
      throw new HubError(`${cause.message} (nor is there a folder ${pathOrRepository})`, cause.status, { cause });
    }
  }
  if (revision !== undefined) {
    throw new TypeError(
      `Cannot load ${pathOrRepository}: a local folder or file has no revisions, current value is ${revision}`,
    );
  }
  return pathOrRepository;
}
