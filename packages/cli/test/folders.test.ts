import { expect, it } from "vitest"
import { findFolders } from "../src/folders.js"

const home = "/home/ada"

it.each([
  ["linux", {}, "/home/ada/.config/ellipsis-oauth", "/home/ada/.local/share/ellipsis-oauth"],
  [
    "linux",
    { XDG_CONFIG_HOME: "/etc/ada", XDG_DATA_HOME: "/var/ada" },
    "/etc/ada/ellipsis-oauth",
    "/var/ada/ellipsis-oauth",
  ],
  // The specification says that relative paths must be ignored.
  [
    "linux",
    { XDG_CONFIG_HOME: "config", XDG_DATA_HOME: "" },
    "/home/ada/.config/ellipsis-oauth",
    "/home/ada/.local/share/ellipsis-oauth",
  ],
  [
    "darwin",
    {},
    "/home/ada/Library/Application Support/ellipsis-oauth",
    "/home/ada/Library/Application Support/ellipsis-oauth",
  ],
  [
    "darwin",
    { XDG_DATA_HOME: "/var/ada" },
    "/home/ada/Library/Application Support/ellipsis-oauth",
    "/var/ada/ellipsis-oauth",
  ],
  [
    "win32",
    { APPDATA: "/Roaming", LOCALAPPDATA: "/Local" },
    "/Roaming/ellipsis-oauth",
    "/Local/ellipsis-oauth",
  ],
  ["win32", {}, "/home/ada/AppData/Roaming/ellipsis-oauth", "/home/ada/AppData/Local/ellipsis-oauth"],
] as const)("%s with %j", (platform, env, config, data) => {
  expect(findFolders(platform, env, () => home)).toEqual({ config, data })
})
