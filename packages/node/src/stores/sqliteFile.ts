/** The file of a SQLite store: checks the path, and whether the file is still the one that was opened. */
import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
} from "node:fs"
import { dirname, resolve } from "node:path"

/** The file cannot be used, now or later. The message says what to change. */
export class UnusableFile extends Error {}

/**
 * Creates the file with its folder if it is missing. Only this user can read it, and SQLite gives the -wal and -shm files
 * the same mode. The mode of an existing file stays.
 *
 * @throws UnusableFile, or an error of the file system
 */
export const prepareFile = (path: string): void => {
  const found = statSync(path, { throwIfNoEntry: false })
  if (found === undefined) createFile(path)
  else if (found.isDirectory()) throw new UnusableFile(`${path} is a folder; give the path of a file in it`)
  // SQLite would wait forever for a named pipe.
  else if (!found.isFile()) throw new UnusableFile(`${path} is not a regular file; give the path of one`)
  else if (isMountPoint(realpathSync(path))) {
    // SQLite keeps recent writes in a second file beside it. That file would be lost with the container.
    throw new UnusableFile(`${path} is mounted as a single file; mount its folder instead`)
  }
}

/** Works only on Linux (proc_pid_mountinfo(5)). */
const isMountPoint = (path: string): boolean => {
  if (process.platform !== "linux") return false
  try {
    const escaped = path.replace(
      /[\\ \t\n]/g,
      (character) => `\\${character.charCodeAt(0).toString(8).padStart(3, "0")}`,
    )
    const mounts = readFileSync("/proc/self/mountinfo", "utf8").split("\n")
    return mounts.some((mount) => mount.split(" ")[4] === escaped)
  } catch {
    return false
  }
}

const createFile = (path: string): void => {
  // If a link leads to a missing file, SQLite would create that file readable by every user.
  const target = targetOf(path)
  const isLink = target !== path
  // The folder of a link's target may be on a disk that is not mounted yet. A new folder would hide the tokens there.
  if (!isLink) mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  try {
    closeSync(openSync(target, "wx", 0o600))
  } catch (error) {
    if (isLink && hasCode(error, ["ENOENT"])) {
      throw new UnusableFile(`${path} is a symbolic link to ${target}, whose folder does not exist; make it`)
    }
    // Another process has created it since.
    if (!hasCode(error, ["EEXIST"])) throw error
  }
}

/** The end of a chain of symbolic links, even if it does not exist. */
const targetOf = (path: string, hops = 40): string => {
  if (hops === 0) return path
  try {
    return targetOf(resolve(realpathSync(dirname(path)), readlinkSync(path)), hops - 1)
  } catch {
    return path
  }
}

/** The files of a database, each by device and inode, which change if a file is deleted or replaced. */
export interface Identity {
  readonly main: string | undefined
  /** The main file without symbolic links: SQLite keeps the others beside it. */
  readonly path: string
  readonly wal: string | undefined
  readonly shm: string | undefined
}

/** @param open opens the database. The files are compared before and after, in case they are replaced in between. */
export const identify = <A>(path: string, open: () => A): readonly [A, Identity] => {
  const main = identityOf(path)
  const opened = open()
  const isSame = main !== undefined && identityOf(path) === main
  return [
    opened,
    isSame ? { main, ...beside(realpathSync(path)) } : { main, path, wal: undefined, shm: undefined },
  ]
}

const beside = (path: string) => ({
  path,
  wal: identityOf(`${path}-wal`),
  shm: identityOf(`${path}-shm`),
})

/** Whether the files are still the same. What a process writes to files that were deleted is lost when it ends. */
export const isCurrent = (path: string, opened: Identity): boolean => {
  if (identityOf(path) !== opened.main) return false
  const { wal, shm } = beside(opened.path)
  return wal === opened.wal && shm === opened.shm
}

/** Removes old -wal and -shm files. SQLite would apply those of a deleted or replaced database to the new one. */
export const removeOrphans = ({ main, path, wal, shm }: Identity): void => {
  if (identityOf(path) === main) return
  for (const [beside, opened] of [
    [`${path}-wal`, wal],
    [`${path}-shm`, shm],
  ] as const) {
    if (opened !== undefined && identityOf(beside) === opened) rmSync(beside, { force: true })
  }
}

const identityOf = (path: string): string | undefined => {
  const found = statSync(path, { bigint: true, throwIfNoEntry: false })
  return found && `${found.dev}:${found.ino}`
}

/** Whether there is no file descriptor left. SQLite reports that as a file that it cannot open. */
export const isOutOfDescriptors = (path: string): boolean => {
  try {
    closeSync(openSync(dirname(path), "r"))
    return false
  } catch (error) {
    return hasCode(error, ["EMFILE", "ENFILE"])
  }
}

export const hasCode = (error: unknown, codes: readonly string[]): boolean =>
  error instanceof Error && "code" in error && codes.includes(String(error.code))
