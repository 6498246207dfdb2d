import { isSignedIn, isTokenError, useToken, useTokenActions } from "@ellipsis-oauth/react"
import { QueryClient, useQuery } from "@tanstack/react-query"

/** The client retries for itself, so that only a failure of the API is worth another attempt. */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { retry: (failures, error) => !isTokenError(error) && failures < 3 } },
})

export const useAccount = () => {
  const { fetch } = useTokenActions() // adds the token, refreshes it, and asks once more after a 401
  const enabled = useToken(isSignedIn)
  return useQuery({
    queryKey: ["account"],
    enabled,
    queryFn: async ({ signal }) => {
      const response = await fetch("https://api.ellipsis-drive.com/v3/account", { signal })
      if (!response.ok) throw new Error(`HTTP ${response.status}`)
      return response.json()
    },
  })
}

export const Account = () => {
  const { data, error, refetch } = useAccount()
  if (error !== null) {
    return (
      <p role="alert">
        {isTokenError(error) ? error.userMessage : "The account could not be loaded."}{" "}
        <button type="button" onClick={() => refetch()}>
          Try again
        </button>
      </p>
    )
  }
  return <p>{data === undefined ? "One moment…" : data.username}</p>
}
