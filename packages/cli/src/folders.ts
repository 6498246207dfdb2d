/** The platform's folders for a user's configuration and data. */
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"
import { CommandError } from "./CommandError.js"

const name = "ellipsis-oauth"

export interface Folders {
  /** For profiles, without secrets. */
  readonly config: string
  /** For tokens. */
  readonly data: string
}

/**
 * `$ELLIPSIS_OAUTH_HOME` for both if it is set. Otherwise XDG folders on Linux, and on macOS if their variables are
 * set; otherwise the conventions of Apple and Microsoft.
 *
 * @throws CommandError if there is no home folder and no variable replaces it
 */
export const findFolders = (
  platform: NodeJS.Platform = process.platform,
  env: Readonly<Record<string, string | undefined>> = process.env,
  findHome: () => string = homedir,
): Folders => {
  const own = env["ELLIPSIS_OAUTH_HOME"]
  if (own !== undefined && own !== "") {
    if (isAbsolute(own)) return { config: own, data: own }
    throw new CommandError("configuration", "$ELLIPSIS_OAUTH_HOME must be an absolute path.")
  }
  const folder = (variable: string, ...otherwise: readonly string[]): string => {
    const found = env[variable]
    // A relative path must be ignored (XDG Base Directory Specification).
    const isGiven = found !== undefined && isAbsolute(found)
    return join(isGiven ? found : join(requireHome(findHome), ...otherwise), name)
  }
  if (platform === "win32") {
    return {
      config: folder("APPDATA", "AppData", "Roaming"),
      data: folder("LOCALAPPDATA", "AppData", "Local"),
    }
  }
  if (platform === "darwin") {
    const application = ["Library", "Application Support"]
    return {
      config: folder("XDG_CONFIG_HOME", ...application),
      data: folder("XDG_DATA_HOME", ...application),
    }
  }
  return { config: folder("XDG_CONFIG_HOME", ".config"), data: folder("XDG_DATA_HOME", ".local", "share") }
}

export const homeAdvice =
  "Set ELLIPSIS_OAUTH_HOME to a permanent folder that this user can write to: the login is stored there."

/** A container's user may have no entry in the list of users and no `HOME`. */
const requireHome = (findHome: () => string): string => {
  let home = ""
  try {
    home = findHome()
  } catch {
    // Reported below, like an empty path.
  }
  if (isAbsolute(home)) return home
  throw new CommandError("configuration", `This user has no home folder. ${homeAdvice}`)
}

export const storeFile = (data: string): string => join(data, "tokens.sqlite")
