// Loaded before a server: whoever listens without saying on which address, or on all of them, does so on 127.0.0.1.
const { Server } = require('node:net')

const HERE = '127.0.0.1'
const EVERYWHERE = new Set([undefined, null, '', '::', '0.0.0.0'])
const listen = Server.prototype.listen

Server.prototype.listen = function (...given) {
  const [first, second] = given
  if (typeof first === 'object' && first !== null) {
    if (first.port !== undefined && EVERYWHERE.has(first.host)) given[0] = { ...first, host: HERE }
  } else if (first === undefined || typeof first === 'function') {
    given.splice(0, first === undefined ? 1 : 0, 0, HERE)
  } else if (/^\d+$/.test(String(first))) {
    if (typeof second === 'string') given[1] = EVERYWHERE.has(second) ? HERE : second
    else given.splice(1, second === undefined || second === null ? 1 : 0, HERE)
  }
  return listen.apply(this, given)
}
