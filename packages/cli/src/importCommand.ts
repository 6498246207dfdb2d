/** `import`: creates a profile with a refresh token from another machine, without a browser. Sends no request. */
import { buffer } from "node:stream/consumers"
import { usage } from "./commandLine.js"
import { storeFile } from "./folders.js"
import { planProfile } from "./profilePlan.js"
import { isInteractive, prompt } from "./prompt.js"
import { startProfile } from "./startProfile.js"
import { say, type Task } from "./Task.js"

export const importCommand = async (task: Task): Promise<void> => {
  const { line, name, folders } = task
  const refreshToken = await findRefreshToken(task)
  const plan = await planProfile(task)
  const replace = line.switches.has("replace")
  const { changed } = await startProfile(task, { ...plan, refreshToken, replace })
  say(
    changed
      ? `Imported into the profile ${name}. The tokens are stored in ${storeFile(folders.data)}.`
      : `This refresh token was already imported into the profile ${name}. Nothing was changed.`,
  )
}

const findRefreshToken = async ({ line, secrets, signal }: Task): Promise<string> => {
  const named = line.values["refresh-token-file"]
  if (named === "-") return secrets.accept("refreshToken", "standard input", await buffer(process.stdin))
  const found = secrets.find("refreshToken", { named })
  if (found !== undefined) return found
  if (isInteractive()) {
    return secrets.accept(
      "refreshToken",
      "the typed value",
      await prompt("Refresh token:", { hidden: true, signal }),
    )
  }
  throw usage("The refresh token is missing. Set $ELLIPSIS_OAUTH_REFRESH_TOKEN or use --refresh-token-file")
}
