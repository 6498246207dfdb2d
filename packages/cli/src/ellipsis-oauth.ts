#!/usr/bin/env node
/** Checks the Node.js version before anything is imported, then starts the command. */
const { version, versions } = process
const [major = 0, minor = 0] = (versions.node ?? "").split(".").map(Number)

if (major > 22 || (major === 22 && minor >= 19)) void import("./main.js")
else {
  process.stderr.write(
    `ellipsis-oauth: needs Node.js 22.19 or later, got ${version}. Install a newer Node.js: https://nodejs.org\n`,
  )
  process.exitCode = 2
}
