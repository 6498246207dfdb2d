/** The token endpoint as any client, public or confidential, uses it. */
import { makeClient } from "../registration/clientAuthentication.js"
import {
  makeTokenEndpointFor,
  type TokenEndpointOptions,
  type TokenEndpointSettings,
} from "./TokenEndpoint.js"

/** @throws ConfigurationError for a bad option, at once */
export const makeTokenEndpoint = (settings: TokenEndpointSettings): TokenEndpointOptions =>
  makeTokenEndpointFor(makeClient, settings)
