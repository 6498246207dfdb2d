/** HTTP by hand, for requests that no client library would send. */
import { connect, type Socket } from "node:net"

const portOf = (url: string) => Number(new URL(url).port)

/** An open connection. */
export const open = (url: string): Promise<Socket> =>
  new Promise((resolve, reject) => {
    const socket = connect(portOf(url), "127.0.0.1", () => resolve(socket))
    socket.once("error", reject)
  })

/** Sends bytes and returns all received text, until the server closes the connection or has sent a whole response. */
export const talk = async (url: string, bytes: string | Uint8Array): Promise<string> => {
  const socket = await open(url)
  const chunks: Buffer[] = []
  return new Promise((resolve) => {
    const done = () => {
      socket.destroy()
      resolve(Buffer.concat(chunks).toString("latin1"))
    }
    socket.on("data", (chunk: Buffer) => {
      chunks.push(chunk)
      const text = Buffer.concat(chunks).toString("latin1")
      const length = /content-length: (\d+)/i.exec(text)?.[1]
      const end = text.indexOf("\r\n\r\n")
      if (length !== undefined && end >= 0 && text.length >= end + 4 + Number(length)) done()
    })
    socket.on("error", done)
    socket.on("close", done)
    socket.write(bytes)
  })
}
