/** How the command ends when it does not do what it was asked: a line for people, and a code for scripts. */

export const exitCodes = { usage: 2, loginRequired: 3, temporary: 4, configuration: 5 } as const

export class CommandError extends Error {
  override readonly name = "CommandError"
  readonly exitCode: number

  constructor(reason: keyof typeof exitCodes, message: string) {
    super(message)
    this.exitCode = exitCodes[reason]
  }
}
