/**
 * Prints the flag by which a task may write into some folders and no others: those that are named, and those that the
 * environment decides, which have the name of the variable that decides first.
 *
 *     deno run --no-prompt --allow-env=HF_HOME,HF_HUB_CACHE,XDG_CACHE_HOME,HOME,USERPROFILE \\
 *       tasks/support/allow_write.ts prepared HF_HUB_CACHE
 */
import { type Environment, hubSettings, processEnvironment } from "../../lib/hub/environment.ts";
import { flagList } from "./flag_list.ts";
import { jupyterFolder } from "./jupyter_folder.ts";

/** A folder that the environment decides: that of downloads, and Jupyter's data folder. */
export type FoundFolder = "HF_HUB_CACHE" | "JUPYTER_DATA_DIR";

/** How each is found. */
interface Search {
  /** The environment variables that decide. */
  variables: readonly string[];
  /** Finds it, or throws where no variable says where it is. */
  find(environment: Environment, system: string): string | Promise<string>;
}

/** Folders that the environment decides. */
export const FOUND_FOLDERS: Readonly<Record<FoundFolder, Search>> = {
  HF_HUB_CACHE: {
    variables: ["HF_HOME", "HF_HUB_CACHE", "XDG_CACHE_HOME", "HOME", "USERPROFILE"],
    find: async (environment) => (await hubSettings(environment)).cacheFolder,
  },
  JUPYTER_DATA_DIR: {
    variables: ["JUPYTER_DATA_DIR", "XDG_DATA_HOME", "HOME", "APPDATA"],
    find: (environment, system) => jupyterFolder(system, environment),
  },
};

/**
 * The flag for some folders.
 *
 * @param folders Paths, and names of {@linkcode FOUND_FOLDERS}; one that cannot be found is left out, since the task says
 * itself which variable must be set.
 * @returns `--allow-write=` with the paths, or `--deny-write` without paths.
 */
export async function allowWrite(
  folders: readonly string[],
  { environment, system }: { environment: Environment; system: string },
): Promise<string> {
  const paths: string[] = [];
  for (const folder of folders) {
    if (!Object.hasOwn(FOUND_FOLDERS, folder)) paths.push(folder);
    else {
      try {
        paths.push(await FOUND_FOLDERS[folder as FoundFolder].find(environment, system));
      } catch {
        continue;
      }
    }
  }
  return flagList("write", paths);
}

if (import.meta.main) {
  console.log(await allowWrite(Deno.args, { environment: processEnvironment, system: Deno.build.os }));
}
