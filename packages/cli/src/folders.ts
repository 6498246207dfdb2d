/** Where the platform keeps a user's configuration and data. */
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"

const name = "ellipsis-oauth"

export interface Folders {
  /** Profiles: nothing secret. */
  readonly config: string
  /** Tokens. */
  readonly data: string
}

/** XDG on Linux, and on macOS where its variables are set; the conventions of Apple and Microsoft otherwise. */
export const findFolders = (
  platform: NodeJS.Platform = process.platform,
  env: Readonly<Record<string, string | undefined>> = process.env,
  home: string = homedir(),
): Folders => {
  const folder = (variable: string, ...otherwise: readonly string[]): string => {
    const found = env[variable]
    // A relative one is to be ignored (XDG Base Directory Specification).
    return join(found !== undefined && isAbsolute(found) ? found : join(home, ...otherwise), name)
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

export const storeFile = (data: string): string => join(data, "tokens.sqlite")
