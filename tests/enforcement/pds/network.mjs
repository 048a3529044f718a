// Starts the AT Protocol's own test servers and says in one line of JSON where they are; they end when standard input does.
//   node --require ./this_machine_only.cjs network.mjs FOLDER_WITH_NODE_MODULES pds|all
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [home, which] = process.argv.slice(2)
const { TestNetwork, TestNetworkNoAppView } = await import(
  pathToFileURL(join(home, 'node_modules', '@atproto', 'dev-env', 'dist', 'index.js'))
)

process.stdin.on('end', () => process.exit(0)).resume()

const pds = { hostname: 'localhost' }
if (which === 'all') {
  // the service for chats is named in Ozone's settings and not asked for anything
  const ozone = { chatUrl: 'http://localhost:1', chatDid: 'did:example:chat', dbMaterializedViewRefreshIntervalMs: 30000 }
  const net = await TestNetwork.create({ pds: { ...pds, enableDidDocWithSession: true }, ozone })
  tell({ pds: net.pds.url, bsky: net.bsky.url, ozone: net.ozone.url, ozoneDid: net.ozone.ctx.cfg.service.did })
} else {
  const net = await TestNetworkNoAppView.create({ pds })
  tell({ pds: net.pds.url })
}

function tell(places) {
  process.stdout.write(`READY ${JSON.stringify(places)}\n`)
}
