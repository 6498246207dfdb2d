/** A failure of the command: a message for people and an exit code for scripts. */

export const exitCodes = { usage: 2, loginRequired: 3, temporary: 4, configuration: 5 } as const

export class CommandError extends Error {
  override readonly name = "CommandError"
  readonly exitCode: number

  constructor(reason: keyof typeof exitCodes, message: string, options?: ErrorOptions) {
    super(message, options)
    this.exitCode = exitCodes[reason]
  }
}
