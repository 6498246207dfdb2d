/** Where the platform keeps a user's configuration and data. */
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"
import { CommandError } from "./CommandError.js"

const name = "ellipsis-oauth"

export interface Folders {
  /** Profiles: nothing secret. */
  readonly config: string
  /** Tokens. */
  readonly data: string
}

/**
 * `$ELLIPSIS_OAUTH_HOME` for both where it is set; XDG on Linux, and on macOS where its variables are set; the
 * conventions of Apple and Microsoft otherwise.
 *
 * @throws CommandError where there is no home folder and no variable in its place
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
    // A relative one is to be ignored (XDG Base Directory Specification).
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
  "Set ELLIPSIS_OAUTH_HOME to a folder that this user can write to and that lasts: the login is kept there."

/** A container's user may be a number that no list of users has, with no `HOME` either. */
const requireHome = (findHome: () => string): string => {
  let home = ""
  try {
    home = findHome()
  } catch {
    // Told below, like an empty one.
  }
  if (isAbsolute(home)) return home
  throw new CommandError("configuration", `This user has no home folder. ${homeAdvice}`)
}

export const storeFile = (data: string): string => join(data, "tokens.sqlite")
