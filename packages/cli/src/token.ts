/** `token`: prints a valid access token. */
import type { Token } from "@ellipsis-oauth/node"
import { storeFile } from "./folders.js"
import { requireProfile } from "./Profile.js"
import { startFromEnvironment } from "./startProfile.js"
import { print, say, type Task } from "./Task.js"
import { minValidity, withSession } from "./withSession.js"

export const token = async (task: Task): Promise<void> => {
  const { line, name, folders, secrets, signal } = task
  const refreshToken = secrets.find("refreshToken")
  const started = refreshToken === undefined ? undefined : await startFromEnvironment(task, refreshToken)
  const profile = started?.profile ?? requireProfile(folders.config, name)
  const force = line.switches.has("force")
  let isRotated = false
  const onEvent = (event: { readonly type: string; readonly rotated?: boolean }) => {
    if (event.type === "refreshed") isRotated ||= event.rotated === true
  }
  await withSession(task, profile, { force, onEvent }, async (session) => {
    const found = await session.getToken({ force, minValidity, signal })
    print(line.switches.has("json") ? JSON.stringify(describe(name, found)) : found.accessToken)
  })
  if (started?.changed === true && isRotated) {
    say(
      `The server replaced the refresh token from ${secrets.sourceOf("refreshToken")}, which is no longer valid. Keep ${storeFile(folders.data)} for the next run.`,
    )
  }
}

const describe = (name: string, { accessToken, tokenType, expiresAt, scope }: Token) => ({
  profile: name,
  accessToken,
  tokenType,
  expiresAt: expiresAt === undefined ? undefined : new Date(expiresAt).toISOString(),
  scope,
})
