-- Tells workers to claim nothing more, or to claim again.
-- Needs now_ms, living_since
-- KEYS  1 quiet, 2 workers, 3 silence, as visit.lua keeps it
-- ARGV  1 the mark's text up to the time, 2 1 to claim nothing more, 0 to claim again, then the workers; none: all that have
--       beaten within two leases, or all that are quiet; 10,000 at most
-- returns those that were found
local call, pcall = redis.call, redis.pcall
local quiet, workers, silence = KEYS[1], KEYS[2], KEYS[3]
local quiets, now = ARGV[2] == '1', now_ms()
local MOST = 10000
-- See beat.lua.
call('PERSIST', workers)

local named, found = { unpack(ARGV, 3) }, {}
if #named == 0 and quiets then
  named = call('ZRANGEBYSCORE', workers, living_since(silence), '+inf', 'LIMIT', 0, MOST)
elseif #named == 0 then
  local length = pcall('HLEN', quiet)
  local marks = type(length) == 'number' and length <= MOST and call('HGETALL', quiet) or {}
  for i = 1, #marks, 2 do
    found[#found + 1] = marks[i]
  end
  call('DEL', quiet)
  return found
end
local mark = string.format('%s,"since":%d}', ARGV[1], now)
for _, worker in ipairs(named) do
  local is_registered, was_quiet = call('ZSCORE', workers, worker), false
  if not quiets then
    was_quiet = call('HDEL', quiet, worker) == 1
  elseif is_registered then
    call('HSET', quiet, worker, mark)
  end
  if is_registered or was_quiet then
    found[#found + 1] = worker
  end
end
if quiets and #found > 0 then
  -- Marks of workers that are gone shall not stay for ever; quiet workers renew this, see pause_seen.lua.
  call('PEXPIRE', quiet, 604800000)
end
return found
