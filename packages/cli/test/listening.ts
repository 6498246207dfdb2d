import {
  createMockServer,
  type ListenOptions,
  type MockServer,
  type MockServerOptions,
} from "@ellipsis-oauth/mock-server"
import { onTestFinished } from "vitest"

/** A mock server on a socket of its own, closed after the test. */
export const listening = async (
  options: MockServerOptions = {},
  listenOptions: ListenOptions = {},
): Promise<MockServer> => {
  const server = await createMockServer(options).listen({ port: 0, ...listenOptions })
  onTestFinished(() => server.close())
  return server
}
