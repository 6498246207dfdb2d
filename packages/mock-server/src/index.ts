/**
 * A strict OAuth 2.0 provider for tests of clients: the endpoints of Ellipsis Drive, with a clock of its own.
 *
 * @module
 */

export type { Clock } from "./common/Clock.js"
export type { Duration } from "./common/Duration.js"
export { OptionError } from "./common/OptionError.js"
export { createMockServer } from "./createMockServer.js"
export type { Fault, FaultReply, ReplyChange } from "./faults/Fault.js"
export type { Barrier, Faults, FaultTarget, HoldOptions, Schedule } from "./faults/Faults.js"
export { faultCatalog, type MalformedReply, malformedReplies } from "./faults/faultCatalog.js"
export type { VisitorDecision } from "./grants/Approvals.js"
export type { Authorize, Authorized, AuthorizeOptions } from "./grants/Authorize.js"
export type { AccessTokenNode, RefreshTokenNode, TokenFamily } from "./grants/TokenFamily.js"
export type { Finding, Rule, Severity } from "./log/Finding.js"
export type { Endpoint, LogEntry } from "./log/Log.js"
export { type CleanLintOptions, matchers } from "./matchers.js"
export type { ClientRegistration } from "./protocol/ClientRegistration.js"
export type { Cors } from "./protocol/Cors.js"
export type { WireEffect } from "./protocol/Message.js"
export type { Feature, MockPath } from "./protocol/MockPath.js"
export type { ErrorFormat } from "./protocol/Refusal.js"
export { optionsFromHabits, type ServerHabits } from "./protocol/ServerHabits.js"
export type { ErrorStatus, MockServerOptions, Rotation, User } from "./protocol/Settings.js"
export type { MockServer } from "./server/MockServer.js"
export type { ListenOptions } from "./server/SocketMount.js"
