/** `export`: moves the login to CI or another machine, as a refresh token. */
import { CommandError } from "./CommandError.js"
import { requireProfile } from "./Profile.js"
import { deliver, say, type Task } from "./Task.js"
import { withSession } from "./withSession.js"

export const exportCommand = async (task: Task): Promise<void> => {
  const { line, name, folders, signal } = task
  const profile = requireProfile(folders.config, name)
  const keep = line.switches.has("keep")
  await withSession(task, profile, { force: false }, async (session) => {
    const { refreshToken } = await session.getToken({ signal })
    if (refreshToken === undefined) {
      throw new CommandError(
        "loginRequired",
        "The server issued no refresh token, so there is nothing to export.",
      )
    }
    // Signed out only if the token was handed over: it is the only copy.
    await deliver(refreshToken)
    if (keep) return
    // Where refresh tokens rotate, two users of one refresh token would end each other's login.
    await session.signOut()
    say(`The profile ${name} is now signed out here. Import the refresh token where you need it.`)
  })
}
