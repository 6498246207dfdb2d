/** `export`: hands the login on, as a refresh token for CI or another machine. */
import { CommandError } from "./CommandError.js"
import { requireProfile } from "./Profile.js"
import { print, say, type Task } from "./Task.js"
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
        "The server gave no refresh token, so that there is none to export.",
      )
    }
    print(refreshToken)
    if (keep) return
    // Where refresh tokens rotate, two holders of one end each other's login.
    await session.signOut()
    say(`The profile ${name} is signed out here: its login belongs to where you import it.`)
  })
}
