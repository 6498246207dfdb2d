/** Reads secrets from files and the environment. A secret is never an argument. */
import { readFileSync } from "node:fs"
import type { EncryptionKey } from "@ellipsis-oauth/node"
import { CommandError } from "./CommandError.js"

const variables = {
  clientSecret: "ELLIPSIS_OAUTH_CLIENT_SECRET",
  encryptionKey: "ELLIPSIS_OAUTH_ENCRYPTION_KEY",
  refreshToken: "ELLIPSIS_OAUTH_REFRESH_TOKEN",
} as const

export type SecretName = keyof typeof variables

/** The environment variables with secrets, which must not be passed to other programs. */
export const secretVariables: readonly string[] = Object.values(variables)

export interface SecretFiles {
  /** The file of a flag, which takes precedence. */
  readonly named?: string | undefined
  /** The file that the profile remembers, which is used last. */
  readonly remembered?: string | undefined
}

export class Secrets {
  readonly #env: Readonly<Record<string, string | undefined>>
  readonly #sources = new Map<SecretName, string>()

  constructor(env: Readonly<Record<string, string | undefined>>) {
    // Copied, because the variables are removed from the environment before a browser is started.
    this.#env = { ...env }
  }

  /** `undefined` if no secret is given. @throws CommandError for a file without a valid secret */
  find(name: SecretName, { named, remembered }: SecretFiles = {}): string | undefined {
    if (named !== undefined) return this.#readFile(name, named, named)
    const variable = variables[name]
    const given = this.#env[variable] || undefined
    const file = this.#env[`${variable}_FILE`] || undefined
    if (given !== undefined && file !== undefined) {
      throw new CommandError("configuration", `$${variable} and $${variable}_FILE are both set. Set one.`)
    }
    if (given !== undefined) return this.#take(name, `$${variable}`, given)
    if (file !== undefined) return this.#readFile(name, file, `${file} ($${variable}_FILE)`)
    return remembered === undefined ? undefined : this.#readFile(name, remembered, remembered)
  }

  /** The encryption key of the store; `undefined` if none is given. @throws CommandError */
  findEncryptionKey(files: SecretFiles): EncryptionKey | undefined {
    const key = this.find("encryptionKey", files)
    return key === undefined ? undefined : { id: "command", key }
  }

  /** Checks a secret from another source, and remembers the source. @throws CommandError */
  accept(name: SecretName, source: string, bytes: Uint8Array | string): string {
    return this.#take(name, source, typeof bytes === "string" ? bytes : decode(bytes, source))
  }

  /** The source of the secret in use, for messages. */
  sourceOf(name: SecretName): string | undefined {
    return this.#sources.get(name)
  }

  #readFile(name: SecretName, file: string, source: string): string {
    let bytes: Uint8Array
    try {
      bytes = readFileSync(file)
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : "unknown error"
      throw new CommandError("configuration", `${source} cannot be read (${code}). ${advice}`)
    }
    return this.#take(name, source, decode(bytes, source))
  }

  #take(name: SecretName, source: string, text: string): string {
    const secret = text.replace(/^\uFEFF/, "").trim()
    if (secret === "") throw new CommandError("configuration", `${source} is empty. ${advice}`)
    if (/[\r\n]/.test(secret)) {
      throw new CommandError("configuration", `${source} has more than one line. ${advice}`)
    }
    // A copied tab or zero-width space would otherwise only be reported as a wrong secret.
    if (/[\p{C}\p{Z}\uFFFD]/u.test(secret)) {
      throw new CommandError("configuration", `${source} contains spaces or invisible characters. ${advice}`)
    }
    this.#sources.set(name, source)
    return secret
  }
}

const advice = "It must contain the secret and nothing else."

/** Decodes UTF-8 and UTF-16: PowerShell writes UTF-16, and some editors write a byte order mark. */
const decode = (bytes: Uint8Array, source: string): string => {
  const [first = 0, second = 0] = bytes
  const encoding =
    first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8"
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(bytes)
    if (!text.includes("\0")) return text
  } catch {
    // Reported below.
  }
  throw new CommandError(
    "configuration",
    `${source} is not UTF-8 text. Save it as UTF-8 without a byte order mark.`,
  )
}
