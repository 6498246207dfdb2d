/** `import`: starts a profile with a refresh token from elsewhere, without a browser. Makes no request. */
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
      ? `Imported into the profile ${name}. The tokens are in ${storeFile(folders.data)}.`
      : `The profile ${name} has imported this refresh token before. Nothing was changed.`,
  )
}

const findRefreshToken = async ({ line, secrets, signal }: Task): Promise<string> => {
  const named = line.values["refresh-token-file"]
  if (named === "-") return secrets.accept("refreshToken", "Standard input", await buffer(process.stdin))
  const found = secrets.find("refreshToken", { named })
  if (found !== undefined) return found
  if (isInteractive()) {
    return secrets.accept(
      "refreshToken",
      "What was typed",
      await prompt("Refresh token:", { hidden: true, signal }),
    )
  }
  throw usage(
    "The refresh token is missing: give it in $ELLIPSIS_OAUTH_REFRESH_TOKEN or with --refresh-token-file",
  )
}
