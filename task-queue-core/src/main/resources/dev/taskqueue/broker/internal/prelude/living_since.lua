-- The heartbeat that a worker which lives has passed: that of two leases ago. Without a lease nobody has looked for the silent yet,
-- and all count. For ZRANGEBYSCORE.
local function living_since(silence)
  local lease = redis.pcall('HGET', silence, ':lease')
  return type(lease) == 'string' and now_ms() - 2 * (tonumber(lease) or 0) or '-inf'
end
