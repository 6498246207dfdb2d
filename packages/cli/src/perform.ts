/** Runs a command until it ends or is interrupted. */
import { completion } from "./completion.js"
import { doctor } from "./doctor.js"
import { exportCommand } from "./exportCommand.js"
import type { CommandName } from "./flags.js"
import { importCommand } from "./importCommand.js"
import { login } from "./login.js"
import { logout } from "./logout.js"
import { profiles } from "./profiles.js"
import { reportFailure } from "./reportFailure.js"
import { status } from "./status.js"
import { say, type Task } from "./Task.js"
import { token } from "./token.js"

const commands: Readonly<Record<CommandName, (task: Task) => Promise<void> | void>> = {
  login,
  import: importCommand,
  token,
  status,
  export: exportCommand,
  logout,
  profiles,
  completion,
  doctor,
}

const signals = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 } as const

class Interrupted {
  readonly exitCode: number
  constructor(exitCode: number) {
    this.exitCode = exitCode
  }
}

export const perform = async (command: CommandName, request: Omit<Task, "signal">): Promise<void> => {
  const controller = new AbortController()
  for (const [name, exitCode] of Object.entries(signals)) {
    process.on(name, () => {
      // A second signal ends the process at once.
      if (controller.signal.aborted) process.exit(exitCode)
      controller.abort(new Interrupted(exitCode))
      // Printed at once, although a started refresh may take a moment to finish.
      say("ellipsis-oauth: interrupted.")
    })
  }
  try {
    await commands[command]({ ...request, signal: controller.signal })
  } catch (error) {
    if (error instanceof Interrupted) process.exitCode = error.exitCode
    else reportFailure(error, request)
  }
}
