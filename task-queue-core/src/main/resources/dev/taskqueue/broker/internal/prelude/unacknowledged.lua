-- Of the workers that have beaten within two leases (without a lease nobody has looked for the silent yet: of all), those
-- that have not acknowledged the pause, a thousand at most.
local function unacknowledged(workers, silence, seen)
  local lease = redis.pcall('HGET', silence, ':lease')
  local since = type(lease) == 'string' and now_ms() - 2 * (tonumber(lease) or 0) or '-inf'
  local living = redis.pcall('ZRANGEBYSCORE', workers, since, '+inf')
  local missing = {}
  for _, worker in ipairs(living.err and {} or living) do
    if type(redis.pcall('HGET', seen, worker)) ~= 'string' then
      missing[#missing + 1] = worker
      if #missing == 1000 then
        break
      end
    end
  end
  return missing
end
